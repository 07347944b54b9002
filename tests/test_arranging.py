"""What pages show in another order: steps by hand that are alike are told once."""

from hypothesis import given
from hypothesis import strategies as st

from remedy.arranging import alike

NAMES = st.builds("{}/{}".format, *[st.text("AB1", min_size=1, max_size=2)] * 2)


def step(name, text):
    return {"postoffice": name, "text": text}


def test_a_text_stands_once_for_the_postoffices_it_is_for():
    steps = [step(name, f"On {name}, make {name}/POSTMASTER.") for name in ("NET/PO2", "NET/PO1")]
    (found,) = alike(steps)
    assert found == {"text": "On NETWORK/PO, make NETWORK/PO/POSTMASTER.", "names": ["NET/PO2", "NET/PO1"]}


def test_what_is_for_one_alone_keeps_its_name():
    assert alike([step("NET/PO1", "Empty NET/PO1.")]) == ({"text": "Empty NET/PO1.", "names": ["NET/PO1"]},)


def test_another_postoffice_in_a_text_keeps_its_name():
    steps = [step("NET/PO1", "Not NET/PO10."), step("NET/PO2", "Not NET/PO10."), step("NET/PO3", "Not MYNET/PO3.")]
    assert [each["text"] for each in alike(steps)] == ["Not NET/PO10.", "Not MYNET/PO3."]


@given(st.lists(st.builds(step, NAMES, st.text("AB1/ .", max_size=12)), max_size=8))
def test_every_step_is_there_once_and_says_what_it_said(steps):
    found = alike(steps)
    assert sorted(name for group in found for name in group["names"]) == sorted(each["postoffice"] for each in steps)
    for group in found:
        if len(group["names"]) == 1:
            assert step(group["names"][0], group["text"]) in steps
