"""What stands in for a module's functions is there meanwhile, and gone from its names and tables afterwards."""

from types import ModuleType

import pytest

from grader.guest.stand_ins import standing_in


def _module() -> ModuleType:
    module = ModuleType("lesson")
    exec("def one(): return 1\ndef both(): return one(), two()", vars(module))
    return module


def test_names_mean_the_stand_ins_meanwhile() -> None:
    module = _module()
    with standing_in(module, {"one": lambda: "first", "two": lambda: "second"}):
        assert module.both() == ("first", "second")
    assert module.one() == 1
    assert not hasattr(module, "two")


def test_tables_of_the_module_hold_the_stand_ins_meanwhile() -> None:
    module = _module()
    tables = {"sizes": {1: (module.one, [2, 2]), 2: (len, [3])}, "order": [module.one, module.both], "deep": [[3]]}
    vars(module).update(tables)
    with standing_in(module, {"one": max}):
        assert module.sizes == {1: (max, [2, 2]), 2: (len, [3])}
        assert module.order == [max, module.both]
        assert module.deep is tables["deep"]
    assert all(getattr(module, name) is table for name, table in tables.items())
    assert tables["order"][0] is module.one


def test_a_table_may_have_them_for_keys_and_two_names() -> None:
    module = _module()
    module.sizes = module.alias = {module.one: 3, None: 4}
    with standing_in(module, {"one": max}):
        assert module.sizes == {max: 3, None: 4}
        assert module.alias is module.sizes


def test_what_the_module_has_in_the_place_of_a_function_is_no_function() -> None:
    module = _module()
    module.none, module.table, builtins = None, {"a": None}, vars(module)["__builtins__"]
    with standing_in(module, {"none": max}):
        assert module.table == {"a": None}
        assert vars(module)["__builtins__"] is builtins


def test_tables_without_end_and_names_of_the_student_are_no_matter() -> None:
    module = _module()
    module.loop = [module.one]
    module.loop.append(module.loop)
    with standing_in(module, {"one": max}):
        assert module.loop[0] is max


def test_the_module_is_its_own_again_after_an_exception() -> None:
    module = _module()
    own = vars(module).copy()
    with pytest.raises(ZeroDivisionError), standing_in(module, {"one": lambda: 1 / 0}):
        module.both()
    assert vars(module) == own


def test_names_that_the_module_removes_or_binds_meanwhile_do_not_stay_otherwise() -> None:
    module = _module()
    own = vars(module).copy()
    with standing_in(module, {"one": len, "two": len}):
        del module.one
        module.two = max
    assert vars(module) == own
