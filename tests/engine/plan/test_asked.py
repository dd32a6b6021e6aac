"""Questions that several findings share are put once."""

from __future__ import annotations

from seakeep.engine.plan.choose import Options, asked
from seakeep.model.change import Shared
from seakeep.model.plan import Asked
from seakeep.model.refs import Ref

_WEB, _API = Ref("Deployment", "shop", "web"), Ref("Deployment", "shop", "api")


def _user(rule: str, ref: Ref, subject: str = "") -> Asked:
    shared = Shared("As which users do {} run?", subject or ref.name, "kubectl exec …")
    return Asked(rule, ref, f"As which user does {ref.name} run?", "kubectl exec one", shared=shared)


def test_findings_of_several_rules_and_objects_make_one_question() -> None:
    items = [_user("capabilities", _WEB), _user("capabilities", _API), _user("root", _WEB)]
    (one,) = asked(items, Options())
    assert one.question == "As which users do web, api run?"
    assert one.lookup == "kubectl exec …"
    assert set(one.settles) == {("capabilities", _WEB), ("capabilities", _API), ("root", _WEB)}


def test_a_question_that_stands_alone_keeps_its_own_words() -> None:
    (one,) = asked([_user("root", _WEB)], Options())
    assert (one.question, one.lookup, one.also) == ("As which user does web run?", "kubectl exec one", ())


def test_what_was_not_asked_for_is_not_in_it() -> None:
    items = [_user("capabilities", _WEB), _user("root", _WEB), _user("root", _API)]
    (one,) = asked(items, Options(only=("root",)))
    assert one.question == "As which users do web, api run?"
    assert asked(items, Options(skip=("root",)))[0].settles == (("capabilities", _WEB),)


def test_other_questions_stay_apart_and_in_order() -> None:
    plain = Asked("quota", _WEB, "How much?")
    assert [item.rule for item in asked([plain, _user("root", _WEB), plain], Options())] == ["quota", "root"]


def test_of_many_the_first_are_named_and_all_are_settled() -> None:
    items = [_user("root", Ref("Deployment", "shop", f"web-{number:02}")) for number in range(20)]
    (one,) = asked(items, Options())
    assert one.question.endswith("web-11 and 8 more run?")
    assert len(one.settles) == 20
