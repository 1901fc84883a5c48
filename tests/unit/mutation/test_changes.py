"""Small bugs in a source text: which are found, and that each one is really put in."""

import ast

from tests.mutation.changes import changes, mutated
from tests.mutation.mutants import all_mutants, known_equivalent, sample

SOURCE = '''
TABLE = ("a", 1)

def f(x: int = 1) -> bool:
    """Words."""
    if x < 3 and g(y=2):
        return h(x)
    return not x
'''


def test_every_kind_of_bug_is_found_where_it_belongs() -> None:
    found = {change.key for change in changes(SOURCE)}
    assert {
        "module: 'a' → 'XXa'",
        "module: ('a', 1) → (1,)",
        "f: x < 3 → x <= 3",
        "f: x < 3 → x >= 3",
        "f: return h(x) → return None",
        "f: x < 3 and g(y=2) → x < 3 or g(y=2)",
        "f: g(y=2) → g()",
        "f: not x → not not x",
    } <= found
    assert not any("Words" in key for key in found)


def test_the_default_of_a_parameter_belongs_to_the_module() -> None:
    assert sum(change.function == "" and change.key.startswith("module: 1 → 2") for change in changes(SOURCE)) == 2


def test_each_change_is_another_program() -> None:
    texts = {ast.unparse(mutated(SOURCE, change.number)) for change in changes(SOURCE)}
    assert len(texts) == len(changes(SOURCE))
    assert ast.unparse(ast.parse(SOURCE)) not in texts


def test_the_same_seed_draws_the_same_mutants() -> None:
    mutants = all_mutants()
    assert sample(mutants, 5, 1) == sample(mutants, 5, 1) != sample(mutants, 5, 2)
    assert sample(mutants, None, 1) == mutants
    assert len({mutant.key for mutant in mutants}) == len(mutants)
    assert known_equivalent().keys() <= {mutant.key for mutant in mutants}
