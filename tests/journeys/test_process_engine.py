"""Operations set a company up, change its process, and find out why nobody gets leads: each in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.incident import play_incident
from tests.journeys.product import Product, running_company

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LogIn = Callable[..., Page]

_WORK_MILLISECONDS = 60_000
_PEOPLE = """姓名,工号,岗位,团队,大区,主管
高明,M001,主管,华东一队,华东大区,
张一帆,S001,销售,华东一队,华东大区,M001
李思齐,S002,销售,华东一队,华东大区,M001
王无岗,S003,宇航员,华东一队,华东大区,M001
"""
_CUSTOMERS = """客户名称,行业,大区,城市
苏州澄霁仪器有限公司,分析仪器,华东大区,苏州
无锡崧野食品有限公司,食品,华东大区,无锡
常州沐岚光伏有限公司,光伏,火星大区,常州
"""
_LEADS = """线索编号,客户名称,线索名称,预计金额
L-1,苏州澄霁仪器有限公司,超高效液相色谱,86万
L-2,无锡崧野食品有限公司,立式包装机,12万
L-3,,没有客户的线索,5万
L-4,苏州澄霁仪器有限公司,金额看不懂的线索,很多
"""


@pytest.fixture(scope="module")
def empty_company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_company(tmp_path_factory.mktemp("empty"), "zhou") as company:
        yield company


@pytest.fixture(scope="module")
def broken_company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("broken")
    play_incident(folder)
    with running_company(folder, "zhou") as company:
        yield company


def open_screen(page: Page, name: str, title: str | None = None) -> None:
    page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title or name)


def main(page: Page) -> Locator:
    return page.locator("[data-testid=stMain]")


def test_an_empty_company_reaches_its_own_first_version(log_in: LogIn, empty_company: Product, tmp_path: Path) -> None:
    page = log_in("zhou", into=empty_company)
    open_screen(page, "从零到 V1")
    expect(main(page)).to_contain_text("已完成 0/6 步")
    page.locator(".st-key-choose_sales_management button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("草稿")
    bring_in(page, tmp_path, "人员", _PEOPLE, creates_missing=True, kept=3, bad=("宇航员",))
    bring_in(page, tmp_path, "客户", _CUSTOMERS, kept=2, bad=("火星大区",))
    bring_in(page, tmp_path, "线索", _LEADS, kept=2, bad=("没有客户的线索", "很多"))
    open_screen(page, "从零到 V1")
    expect(main(page)).to_contain_text("已完成 4/6 步")
    main(page).get_by_role("link", name="去试运行").click()
    rehearse(page)
    open_screen(page, "从零到 V1")
    main(page).get_by_role("link", name="去发布").click()
    publish(page, 2)
    open_screen(page, "从零到 V1")
    expect(page.get_by_text("全部完成，流程 V2 正在生效。")).to_be_visible()


def bring_in(
    page: Page, folder: Path, what: str, table: str, *, kept: int, bad: tuple[str, ...], creates_missing: bool = False
) -> None:
    """A table as a Chinese spreadsheet writes it, through all steps; its bad rows are named and come back as a file."""
    path = folder / f"{what}.csv"
    path.write_bytes(table.encode("gb18030"))
    open_screen(page, "从零到 V1")
    page.locator("[data-testid=stExpander] details[open]").get_by_role("link", name="去导入").click()
    page.locator("[data-testid=stRadio] label", has_text=re.compile(f"^{what}")).first.click()
    with page.expect_response(lambda answer: "upload_file" in answer.url):
        page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(main(page)).to_contain_text("第 2 步")
    if creates_missing:
        page.locator("[data-testid=stCheckbox]", has_text="一并新建").locator("label").first.click()
    page.get_by_role("button", name="预演", exact=True).click()
    keep = page.get_by_role("button", name=f"导入 {kept} 行")
    expect(keep).to_be_visible(timeout=_WORK_MILLISECONDS)
    expect(main(page)).to_contain_text(f"有问题的行（{len(bad)}）")
    file = download(page, "下载问题行（CSV）").decode("utf-8-sig")
    assert "怎么办" in file.splitlines()[0]
    for value in bad:
        assert value in file
    keep.click()
    expect(main(page)).to_contain_text("导入完成", timeout=_WORK_MILLISECONDS)


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    return Path(waiting.value.path()).read_bytes()


def rehearse(page: Page) -> None:
    """Replay, look at the result, and say so."""
    expect(page.get_by_role("heading", level=1)).to_have_text("预演")
    page.get_by_role("button", name="开始预演").click()
    page.get_by_role("button", name="我已看过").click(timeout=_WORK_MILLISECONDS)
    expect(main(page)).to_contain_text("看过这次预演")


def publish(page: Page, number: int) -> None:
    expect(main(page)).to_contain_text("预演已通过，可以发布。")
    page.get_by_role("button", name=f"发布为 V{number}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"V{number} · 生效中")


def test_the_process_is_edited_rehearsed_published_and_rolled_back_without_yaml(log_in: LogIn) -> None:
    page = log_in("operations")
    open_screen(page, "流程")
    page.get_by_text("新建草稿").click()
    page.get_by_label("说明（改什么、为什么）").fill("需求诊断收紧到两天")
    page.get_by_role("button", name="新建", exact=True).click()
    main(page).get_by_role("link", name="修改流程").click()
    shorten_diagnosis(page)
    rename_rule(page)
    page.get_by_role("link", name=re.compile("回到草稿")).click()
    expect(page.get_by_text("阶段「需求诊断」的停留上限由 72 小时改为 48 小时")).to_be_visible()
    expect(main(page)).to_contain_text("就近轮询")
    expect(page.get_by_text("这份草稿还没有通过预演，不能发布。")).to_be_visible()
    main(page).get_by_role("link", name="预演").click()
    rehearse(page)
    page.get_by_role("link", name="去发布").click()
    publish(page, 2)
    roll_back(page)


def shorten_diagnosis(page: Page) -> None:
    page.get_by_role("radio", name="3. 需求诊断").click()
    hours = page.get_by_label("最多停留多少小时（0 = 不限）")
    expect(hours).to_have_value("72")
    hours.fill("48")
    hours.press("Enter")
    page.get_by_role("button", name="保存停留上限").click()
    expect(page.get_by_text("已保存到草稿").first).to_be_visible()


def rename_rule(page: Page) -> None:
    page.get_by_role("radio", name="分配规则").click()
    rule = page.locator("[data-testid=stExpander]", has_text="1. 按大区轮询")
    rule.locator("summary").click()
    rule.get_by_label("中文名称").fill("就近轮询")
    rule.get_by_label("中文名称").press("Enter")
    rule.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("[data-testid=stExpander]", has_text="1. 就近轮询")).to_be_visible()


def roll_back(page: Page) -> None:
    """The first version in force again, as a third one; its reason stays with it."""
    page.get_by_role("link", name="所有版本").click()
    page.get_by_role("link", name=re.compile("^V1 ·")).click()
    page.get_by_text("退回 V1", exact=True).click()
    expect(page.get_by_text("阶段「需求诊断」的停留上限由 48 小时改为 72 小时")).to_be_visible()
    page.get_by_label("理由（永久保留）").fill("两天太紧")
    page.get_by_role("button", name="立即退回").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("V3 · 生效中")
    expect(main(page)).to_contain_text("两天太紧")


def test_the_incident_of_72_hours_is_told_on_one_page(log_in: LogIn, broken_company: Product) -> None:
    page = log_in("zhou", into=broken_company)
    open_screen(page, "分配健康")
    expect(page.get_by_text("占比超过界限 5%。")).to_be_visible()
    story = main(page)
    for cause in ("兜底", "没有大区", "空结果集"):
        expect(story).to_contain_text(cause)
    expect(story).to_contain_text("新人甲")
    expect(story).to_contain_text("建议的处理")
    page.get_by_role("button", name="正在等待名单").click()
    page.get_by_role("link", name="积压线索0", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("积压线索0")
