"""Suggested maps: what headings and values say, what is left open, and that the text is a map."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.batch.intake.fitting import described
from kept.batch.intake.headings import (
    family_of,
    meaning_of,
    protected_as,
    read_heading,
    related_heading,
    usage_of,
)
from kept.batch.intake.loading import read_map
from kept.batch.intake.looking import Look
from kept.batch.intake.normalising import normalise
from kept.batch.intake.reading import FileRefused, open_source
from kept.batch.intake.suggesting import Certainty, Suggestion, suggest_map
from kept.cli.intake import intake
from kept.core.intake import (
    ContactKind,
    IntakeMap,
    NumberForm,
    Relation,
)
from tests.batch.intake.deliveries import identity_number
from tests.batch.intake.samples import CONTEXT, all_rows, write

ROOT = Path(__file__).parents[3]
REAL_BOOK = ROOT.parent / "shared" / "data" / "uci_default_credit_card.csv"


# --- headings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("借据号", "account.external_id"),
        ("合同号", "account.external_id"),
        ("Loan Number", "account.external_id"),
        ("loanNumber", "account.external_id"),
        ("客户姓名", "debtor.name"),
        ("CUSTOMER_NAME", "debtor.name"),
        ("手机号", "contacts.phone"),
        ("证件号码", "debtor.identity.number"),
        ("剩余本金", "balances.principal"),
        ("剩余本金（元）", "balances.principal"),
        ("Outstanding Principal (CNY)", "balances.principal"),
        ("逾期天数", "account.dpd"),
        ("Days Past Due", "account.dpd"),
        ("应还日", "account.due_on"),
        ("放款日期", "account.opened_on"),
        ("Outstanding Balence", "total"),
        ("BILL_AMT1", "total"),
        ("LIMIT_BAL", "limit"),
        ("conversion", None),
        ("class", None),
        ("", None),
        ("!!", None),
    ],
)
def test_headings(heading: str, target: str | None) -> None:
    found = read_heading(heading)
    assert (found.target if found else None) == target


PROTECTED = (
    "SEX/Gender/性别/EDUCATION/学历/最高学历/MARRIAGE/婚姻状况/AGE/年龄/Date of Birth/出生日期"
    "/民族/籍贯/religion/政治面貌"
)


@pytest.mark.parametrize("heading", PROTECTED.split("/"))
def test_protected_attributes_are_known_by_name(heading: str) -> None:
    assert protected_as(heading) is not None


@pytest.mark.parametrize("heading", ["PAGE", "message", "Sussex branch", "package", "stage"])
def test_headings_that_only_look_protected(heading: str) -> None:
    assert protected_as(heading) is None


def test_parts_of_headings() -> None:
    found = related_heading("联系人2电话")
    assert found is not None
    assert (found.relation, found.group, found.part) == (Relation.NOMINATED, "联系人2", "phone")
    assert related_heading("Guarantor Name").relation is Relation.GUARANTOR  # type: ignore[union-attr]
    assert related_heading("guarantee amount") is None
    assert family_of("BILL_AMT3") == ("billamt", 3)
    assert family_of("3") is None
    assert [usage_of(each) for each in ("手机号", "单位电话", "Home Phone", "tel")] == [
        "mobile",
        "work",
        "home",
        "",
    ]
    assert meaning_of("account.state", "已结清") == "closed"
    assert meaning_of("account.state", "???") is None


# --- a Chinese file -------------------------------------------------------------------------------

HEADINGS = """
借据号 客户号 客户类型 客户姓名 性别 年龄 证件类型 证件号码 手机号 备用电话 电子邮箱 通讯地址
产品代码 币种 放款日 剩余本金 利息余额 欠款总额 应还日 逾期天数 账户状态 停催标记 单位名称
单位电话 联系人1姓名 联系人1关系 联系人1电话 备注
"""
CHINESE = list(HEADINGS.split())


def chinese_row(n: int) -> list[str]:
    return [
        f"JJ{n:06d}",
        f"K{n // 2:06d}",
        "个人",
        f"张{'一二三四五'[n % 5]}",
        "男女"[n % 2],
        str(20 + n % 40),
        "身份证",
        identity_number(n),
        f"138{n:08d}",
        "" if n % 3 else f"010-6234{n:04d}",
        f"u{n}@example.cn",
        f"北京市朝阳区建国路{n}号",
        "CARD",
        "CNY",
        f"2024/{n % 12 + 1:02d}/{n % 28 + 1:02d}",
        f"{1000 + n * 7:,}.50",
        f"{n % 90}.25",
        f"{1000 + n * 7 + n % 90:,}.75",
        f"2026/{n % 10 + 1:02d}/{n % 28 + 1:02d}",
        str((n * 13) % 300),
        ("正常", "结清", "转让")[n % 3],
        ("", "死亡", "X9")[n % 3],
        f"某某公司{n % 4}",
        "010-62345678",
        f"李{'一二三四五'[n % 5]}",
        ("配偶", "朋友", "邻居")[n % 3],
        f"139{n:08d}",
        "",
    ]


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Suggestion]:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([CHINESE, *(chinese_row(n) for n in range(600))])
    path = write(tmp_path_factory.mktemp("suggest"), out.getvalue().encode("gb18030"))
    return path, suggest_map(path, name="张三.csv")


def test_a_chinese_file_is_mapped(chinese: tuple[Path, Suggestion]) -> None:
    found = read_map(chinese[1].map_text)
    account, debtor = found.account, found.debtor
    assert found.file.encoding == "gb18030"
    assert account.external_id.column == "借据号"
    assert account.product.column == "产品代码"
    assert account.currency is not None
    assert account.currency.column == "币种"
    assert account.due_on is not None
    assert account.due_on.column == "应还日"
    assert account.dpd is not None
    assert account.dpd.column == "逾期天数"
    assert account.state is not None
    assert account.state.codes == {"正常": "active", "结清": "closed"}
    assert found.file.dates == ("YYYY/MM/DD",)
    assert found.file.numbers.form is NumberForm.COMMA_GROUPS
    assert debtor.external_id is not None
    assert debtor.external_id.column == "客户号"
    assert debtor.name.column == "客户姓名"
    assert debtor.identity is not None
    assert debtor.identity.kind.codes == {"身份证": "national_id"}
    assert {name: rule.column for name, rule in found.balances.items()} == {
        "principal": "剩余本金",
        "interest": "利息余额",
    }
    assert [(c.kind, c.value.column, c.usage, c.related) for c in found.contacts] == [
        (ContactKind.PHONE, "手机号", "mobile", None),
        (ContactKind.PHONE, "备用电话", "other", None),
        (ContactKind.EMAIL, "电子邮箱", "", None),
        (ContactKind.ADDRESS, "通讯地址", "", None),
        (ContactKind.PHONE, "单位电话", "work", 1),
        (ContactKind.PHONE, "联系人1电话", "", 2),
    ]
    assert [(r.relation.constant, r.name.column) for r in found.related] == [
        ("employer", "单位名称"),
        (None, "联系人1姓名"),
    ]
    assert found.holds[0].cell.codes == {"死亡": "deceased"}
    assert [each.column for each in found.ignore] == ["性别", "年龄", "欠款总额"]


def test_what_it_did_not_dare_is_asked_and_nothing_is_made_up(
    chinese: tuple[Path, Suggestion],
) -> None:
    path, suggestion = chinese
    asked = " ".join(suggestion.questions)
    for value in ("转让", "X9", "邻居"):
        assert value in asked
    certainties = {guess.column: guess.certainty for guess in suggestion.guesses}
    assert certainties["借据号"] is Certainty.SURE
    assert certainties["备注"] is Certainty.OPEN
    assert list(certainties) == CHINESE
    source = open_source(path, read_map(suggestion.map_text))
    prepared = normalise(all_rows(source), source.intake_map, CONTEXT)
    # Codes that nobody explained cost their rows; everything else goes through.
    assert set(prepared.errors.filter(severity="reject")["code"]) == {"unknown_code"}
    assert prepared.rows.height == 400


def test_no_personal_value_is_shown(chinese: tuple[Path, Suggestion]) -> None:
    suggestion = chinese[1]
    shown = suggestion.map_text + " ".join(guess.why for guess in suggestion.guesses)
    for value in (identity_number(3), "13800000003", "u3@example.cn", "建国路3号", "JJ000003"):
        assert value not in shown


# --- other files ----------------------------------------------------------------------------------


def suggested(tmp_path: Path, text: str, **options: str) -> tuple[IntakeMap, Suggestion]:
    suggestion = suggest_map(write(tmp_path, text), **options)
    return read_map(suggestion.map_text), suggestion


def test_an_english_file(tmp_path: Path) -> None:
    header = "Loan Number;Borrower Name;Mobile;Principal Balance;Fees;Open Date;Status;Gender\n"
    rows = [
        f"L-{n:05d};Mary O'{chr(65 + n % 26)}rien;(202) 555-{n:04d};{n},50;;"
        f"{n % 28 + 1:02d}.01.2024;{'Open' if n % 2 else 'Paid off'};F\n"
        for n in range(300)
    ]
    found, suggestion = suggested(tmp_path, header + "".join(rows), country="US")
    assert found.account.external_id.column == "Loan Number"
    assert found.debtor.name.column == "Borrower Name"
    assert found.file.numbers.form is NumberForm.PLAIN_COMMA
    assert found.file.dates == ("DD.MM.YYYY",)
    assert found.account.state is not None
    assert found.account.state.codes == {"Open": "active", "Paid off": "closed"}
    assert [each.column for each in found.ignore] == ["Gender"]
    assert list(found.balances) == ["principal"]
    fees = next(guess for guess in suggestion.guesses if guess.column == "Fees")
    assert (fees.certainty, fees.target) == (Certainty.OPEN, "")
    assert "every cell looked at is empty" in fees.why


def test_dates_that_fit_two_forms_are_not_decided(tmp_path: Path) -> None:
    rows = "".join(f"A{n},n,{n}.5,{n % 12 + 1:02d}/{n % 11 + 1:02d}/2024\n" for n in range(200))
    found, suggestion = suggested(tmp_path, "id,name,balance,open date\n" + rows)
    assert found.account.opened_on is None
    assert any("DD/MM/YYYY / MM/DD/YYYY" in question for question in suggestion.questions)


def test_one_value_decides_between_two_forms(tmp_path: Path) -> None:
    rows = "".join(f"A{n},n,{n}.5,{n % 12 + 1:02d}/{n % 28 + 1:02d}/2024\n" for n in range(200))
    found, _ = suggested(tmp_path, "id,name,balance,open date\n" + rows)
    assert found.file.dates == ("MM/DD/YYYY",)


def test_headings_whose_values_say_otherwise_are_left_open(tmp_path: Path) -> None:
    rows = "".join(f"A{n},n,{n}.5,none,x{n}\n" for n in range(50))
    found, suggestion = suggested(tmp_path, "id,name,balance,mobile,open date\n" + rows)
    assert not found.contacts
    assert found.account.opened_on is None
    reasons = {guess.column: guess.why for guess in suggestion.guesses}
    assert "the heading says contacts.phone, the values do not" in reasons["mobile"]
    assert "the heading says account.opened_on, the values do not" in reasons["open date"]


def test_values_speak_where_headings_do_not(tmp_path: Path) -> None:
    rows = "".join(
        f"{identity_number(n)},138{n:08d},u{n}@example.cn,{n}.25,X{n}\n" for n in range(100)
    )
    found, _ = suggested(tmp_path, "c1,c22,c_three,c_four,c_five\n" + rows)
    assert found.debtor.identity is not None
    assert found.debtor.identity.number.column == "c1"
    assert [(each.kind, each.value.column) for each in found.contacts] == [
        (ContactKind.PHONE, "c22"),
        (ContactKind.EMAIL, "c_three"),
    ] or [(each.kind, each.value.column) for each in found.contacts] == [
        (ContactKind.EMAIL, "c_three"),
        (ContactKind.PHONE, "c22"),
    ]
    assert found.balances["principal"].column == "c_four"
    assert found.account.external_id.column == "c_five"


def test_amounts_with_an_exponent_are_pointed_out(tmp_path: Path) -> None:
    rows = "".join(f"A{n},n,{n}.5\n" for n in range(300)) + "A999,n,1.00E+05\n"
    _, suggestion = suggested(tmp_path, "id,name,balance\n" + rows)
    assert any("1.00E+05" in question for question in suggestion.questions)


def test_strange_headings_do_no_harm(tmp_path: Path) -> None:
    header = '"=cmd|x","a: b # c","{x}","[y]","true","new\nline","id"\n'
    found, _ = suggested(tmp_path, header + "1,2,3,4,5,6,A1\n2,3,4,5,6,7,A2\n")
    assert found.account.external_id.column in ("id", "=cmd|x")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused):
        suggest_map(write(tmp_path, ""))


CELLS = st.text(alphabet="ab1,.;-/'张 \x85\u2028#:{}[]\"", max_size=6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_whatever_the_file_the_suggestion_is_a_map(tmp_path: Path, rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    width = len(rows[0])
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows((row + [""] * 4)[:width] for row in rows)
    try:
        suggestion = suggest_map(write(tmp_path, out.getvalue()))
    except FileRefused:
        return
    assert isinstance(read_map(suggestion.map_text), IntakeMap)


@pytest.mark.skipif(not REAL_BOOK.is_file(), reason="the real book is not at hand")
def test_the_real_book_of_30000_accounts() -> None:
    suggestion = suggest_map(REAL_BOOK, country="TW")
    found = read_map(suggestion.map_text)
    assert found.account.external_id.column == "ID"
    assert found.balances["principal"].column == "BILL_AMT1"
    reasons = {each.column: each.reason for each in found.ignore}
    for column in ("SEX", "EDUCATION", "MARRIAGE", "AGE"):
        assert "protected attribute" in reasons[column]
    assert "limit" in reasons["LIMIT_BAL"]
    open_columns = {g.column for g in suggestion.guesses if g.certainty is Certainty.OPEN}
    assert open_columns == {"PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6", "class"}
    assert any("negative amounts" in question for question in suggestion.questions)


def test_the_command_prints_the_map_and_tells_its_reasons(
    chinese: tuple[Path, Suggestion], tmp_path: Path
) -> None:
    path, suggestion = chinese
    told = CliRunner().invoke(intake, ["suggest", str(path)])
    assert told.exit_code == 0
    assert read_map(told.stdout) == read_map(suggestion.map_text)
    assert "手机号: contacts.phone (sure)" in told.stderr
    assert "For you to decide:" in told.stderr
    output = tmp_path / "map.yaml"
    arguments = ["suggest", str(path), "--output", str(output)]
    assert CliRunner().invoke(intake, arguments).exit_code == 0
    assert read_map(output.read_text(encoding="utf-8")) == read_map(suggestion.map_text)
    again = CliRunner().invoke(intake, arguments)
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    broken = CliRunner().invoke(intake, ["suggest", str(write(tmp_path, "", "empty.csv"))])
    assert (broken.exit_code, "The file is empty." in broken.stderr) == (2, True)


def test_words_for_a_look() -> None:
    assert described(Look("x", 10, 0, 0)) == "every cell looked at is empty"
    assert described(Look("x", 10, 5, 5)) == "text, 5 different in 5, 50 % empty"
