from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from qa.engine.kv.cells import KVCellTable, common_prefix

TOKENS = st.lists(st.integers(0, 3), max_size=8)


@given(TOKENS, TOKENS)
def test_the_common_prefix(one: list[int], two: list[int]) -> None:
    length = common_prefix(one, two)
    assert one[:length] == two[:length]
    assert length == min(len(one), len(two)) or one[length] != two[length]


class Tables(RuleBasedStateMachine):
    """Any sequence of operations against sets of cells kept by hand."""

    opened = Bundle("opened")

    def __init__(self) -> None:
        super().__init__()
        self.table = KVCellTable(1000, 6)
        self.held: dict[int, list[tuple[int, object]]] = {}

    @rule(target=opened)
    def acquire(self) -> int:
        found = self.table.acquire()
        assert (found is None) == (len(self.held) == 6)
        if found is None:
            found = next(iter(self.held))
            self.table.release(found)
            assert self.table.acquire() is not None
        self.held[found] = []
        return found

    @rule(sequence=opened, tokens=TOKENS)
    def extend(self, sequence: int, tokens: list[int]) -> None:
        if sequence in self.held:
            self.table.extend(sequence, tokens)
            self.held[sequence] += [(token, object()) for token in tokens]

    @rule(sequence=opened, length=st.integers(0, 10))
    def truncate(self, sequence: int, length: int) -> None:
        if sequence in self.held:
            self.table.truncate(sequence, length)
            del self.held[sequence][length:]

    @rule(source=opened, other=opened, length=st.integers(0, 10))
    def share(self, source: int, other: int, length: int) -> None:
        if source in self.held and self.held.get(other) == [] and source != other:
            length = min(length, len(self.held[source]))
            self.table.share(source, other, length)
            self.held[other] = self.held[source][:length]

    @rule(sequence=opened, state=st.sampled_from(["open", "idle", "pinned"]))
    def set_state(self, sequence: int, state: str) -> None:
        if sequence in self.held:
            self.table.set_state(sequence, state)  # type: ignore[arg-type]
            assert self.table.in_state(state)[-1] == sequence  # type: ignore[arg-type]

    @rule(sequence=consumes(opened))
    def release(self, sequence: int) -> None:
        if self.held.pop(sequence, None) is not None:
            self.table.release(sequence)

    @rule(tokens=TOKENS)
    def longest_prefix(self, tokens: list[int]) -> None:
        lengths = [
            common_prefix([token for token, _ in held], tokens) for held in self.held.values()
        ]
        found = self.table.longest_prefix(tokens)
        assert (found[1] if found else 0) == max(lengths, default=0)
        if found:
            assert list(self.table.tokens(found[0])[: found[1]]) == tokens[: found[1]]

    @invariant()
    def agrees(self) -> None:
        cells = {id(cell) for held in self.held.values() for _, cell in held}
        assert self.table.used == len(cells)
        assert self.table.owned_by("open", "idle", "pinned") == len(cells)
        for sequence, held in self.held.items():
            assert list(self.table.tokens(sequence)) == [token for token, _ in held]


TestTables = Tables.TestCase
TestTables.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
