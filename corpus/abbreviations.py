# ruff: noqa: SIM905 (a list of three hundred quoted words is harder to read and to extend)
"""Word lists that decide whether a full stop ends a sentence.

Data only. All abbreviations are in lower case and without their last full stop.

* ``NEVER_FINAL``: something always follows in the same sentence ("Dr. Müller", "Abs. 2").
* ``BEFORE_NUMBER``: an abbreviation only with a number or a letter after it ("No. 5", "Art. 7"),
  otherwise an ordinary word or too short to tell.
* ``MAY_BE_FINAL``: can close a sentence ("5 Mio.", "usw.", "Inc."); whether it does is decided
  by the next word.
* ``STARTERS``: words that, capitalised in the middle of a sentence, are hardly ever anything
  but the start of the next one. In German, nouns are capitalised anywhere, so a capital alone
  says little.
* ``ORDINAL_NOUNS``, ``ORDINAL_CUES``: German writes "16. Juli" and "der 2. Weltkrieg"; the noun
  after or the word before tells an ordinal number from a number that ends a sentence.
"""

from __future__ import annotations

from corpus.document import Language

_MONTHS_DE = """
januar jänner februar märz april mai juni juli august september oktober november dezember
jan feb febr mär apr jun jul aug sep sept okt nov dez
"""

_COMMON_NEVER_FINAL = "dr prof st dipl phil rev col lt capt sgt hon vs ca"

NEVER_FINAL: dict[Language, frozenset[str]] = {
    "de": frozenset(
        f"""
        {_COMMON_NEVER_FINAL} jan feb febr mär apr jun jul aug sep sept okt nov dez
        abb abk abschn abt allg anl anm aufl ausg ausschl az bde beil beisp bes
         betr bez bgbl bl brit buchst bzgl bzw chr dergl dgl
        d.h ders dt ehem eigtl einschl engl entspr etw eur evtl exkl fa
        forts franz fr frz frhr gebr gegr geh gem gesch gest gez ggf ggfs ggü griech
        hd hg hl hr hrn hrsg hrsgg i.d.f i.d.r i.h.v i.s.d i.s.v i.v.m incl
        ing inkl insb insbes ital jew jh kath kl komm lat lfd lit lt ltd
         m.e min mdl mr mrs ms nachf nachm nat niederl nördl
        o.ä o.g österr östl pol priv r.i.p rd rdnr rdn rn rspr russ s.o s.u sen sog schweiz
        sinngem spr std stellv str südl tel u.u übers überw ungef urspr urt v v.a
        verf verg vgl vorm vors westl z z.b z.t z.zt zit zzgl ziff zus zw bsp beschl entsch
        einf erw fn ggfls hgg jg kfm kgl lfg reg rel sächs sek tab teilw
        unv veröff verm versch vs wg wiss zgl ztschr dipl-ing dipl-kfm rer rer.nat h.c med jur
         abg bgm präs tsd
        """.split()
    ),
    "en": frozenset(
        f"""
        {_COMMON_NEVER_FINAL} jan feb mar apr jun jul aug sep sept oct nov dec
        mr mrs ms mx messrs mme mlle fr sr gov sen rep amb maj cpl cmdr adm brig pres supt
        e.g eg i.e ie cf viz approx est ed eds v dept assn mt intl
        """.split()
    ),
}

BEFORE_NUMBER: dict[Language, frozenset[str]] = {
    "de": frozenset(
        "abs abb art bd dvbl fig kap max min mind no nr op s sp st.-nr vol ver erg geb".split()
    ),
    "en": frozenset(
        """
        art arts ch chap chaps chs eq eqs fig figs no nos op p pp para paras sec secs tab ver vol
        vols app max min b d c ca
        """.split()
    ),
}

MAY_BE_FINAL: dict[Language, frozenset[str]] = {
    "de": frozenset(
        """
        mio mrd bio tsd usw etc ff f dgl u.a u.ä uvm u.v.m usf zzt jhd jhdt jr sen jun co corp
        al o.j o.ä o.g ges gmbh str u.s d.c n.chr v.chr chr uff pl sg pp k.o a.a.o d.j d.m
        a.m p.m i.r a.d e.v u.s.a u.s.w u.dgl prom vorst verw
        """.split()
    ),
    "en": frozenset(
        """
        inc corp co ltd llc plc bros etc al jr sr esq u.s u.k u.n e.u d.c u.s.a a.m p.m ph.d
        b.a m.a b.sc m.sc m.d l.p l.l.c b.c a.d c.e st rd ave blvd ft lb oz min hr bn mn
        ga va
        """.split()
    ),
}

STARTERS: dict[Language, frozenset[str]] = {
    "de": frozenset(
        """
        aber alle allerdings als also am an anders andere auch auf aufgrund aus außerdem beide
        bei beim bereits bis da dabei dadurch dafür dagegen daher damals damit danach daneben
        dann daran daraufhin darüber darum das dass davon davor dazu dem den denn dennoch der
        deren des deshalb dessen deswegen die dies diese diesem diesen dieser dieses doch dort
        durch ebenso ein eine einem einen einer eines einige er erst es etwa ferner für gegen
        gleichzeitig hier hierbei hierzu hinzu ich ihr ihre ihren im immer in indem infolge
        insgesamt inzwischen ja jede jeder jedes jedoch jetzt kein keine laut man manche mehr
        mein mit mittlerweile nach nachdem natürlich neben nicht nie niemand noch nun nur ob
        obwohl oder ohne schließlich schon seit seine seinen seiner sein selbst sie so sobald
        sofern sogar solche somit sondern später sowohl statt trotz trotzdem über um und unter
        viele vielmehr vom von vor wann war warum was weder wegen weil weiter weitere weiterhin
        welche wenn wer wie wir wird wo während zu zudem zuerst zugleich zum zunächst zur
        zusätzlich zwar zwischen
        """.split()
    ),
    "en": frozenset(
        """
        a about according after all also although among an and another any as at back because
        before both but by can could despite did do does during each even every few finally for
        from further furthermore given had has have he hence her here his how however i if in
        indeed instead it its just last later many meanwhile moreover most much my nearly
        neither nevertheless no nobody nor not nothing now of on once one only or other others
        our over perhaps previously rather several she should since so some still such than that
        the their then there therefore these they this those though through thus to today
        together under unlike until upon was we were what when where whether which while who
        whoever why will with within without would yes yet you your
        """.split()
    ),
}

ORDINAL_NOUNS: frozenset[str] = frozenset(
    f"""
    {_MONTHS_DE} jahrhundert jahrhunderts jahrhunderte jahrhunderten jahrtausend jahrtausends
    jh jhd jhdt jahrestag jahrestags geburtstag geburtstags platz platzes rang weltkrieg
    weltkriegs lebensjahr lebensjahres lebensjahrs klasse auflage kapitel tag tages woche monat
    quartal quartals halbjahr stock stockwerk etage bezirk liga runde spieltag minute stunde
    sinfonie symphonie senat zivilsenat strafsenat kammer infanterie-division armee division
    änderung abschnitt aufl jhs jg lfg erg.-lfg kl legislaturperiode wahlperiode bundestag
    dynastie bataillon regiment korps breitengrad
    """.split()
)

ORDINAL_CUES: frozenset[str] = frozenset(
    """
    am an vom zum zur im beim bis seit ab dem der des den die das ein eine einem einen einer
    eines und oder sein seine seinem seinen seiner ihr ihre ihrem ihren ihrer jeder jede jedes
    jedem jeden mit dieser diesem diesen dieses ins
    """.split()
)
