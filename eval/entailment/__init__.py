"""A judge of support that shares no code with what it measures.

In: a premise and a claim, each German or English. Out: the probability that the premise supports
the claim. What can fail: the encoder's weights are absent.
"""
