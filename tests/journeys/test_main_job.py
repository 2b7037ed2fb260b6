"""The five steps of the main job, each in a real browser on real files, against the running product."""

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LogIn = Callable[..., Page]


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def open_lead(page: Page, name: str) -> None:
    """From the first screen to one of one's own leads."""
    page.get_by_role("link", name="线索", exact=True).click()
    page.get_by_label("搜索线索或客户").fill(name)
    page.get_by_label("搜索线索或客户").press("Enter")
    page.get_by_role("link", name=re.compile(name)).first.click()
    expect(page.get_by_role("tab", name="阶段信息")).to_be_visible()


def test_a_new_rep_gets_three_similar_wins_with_methods_and_reasons(log_in: LogIn) -> None:
    page = log_in("newrep")
    page.get_by_role("link", name=re.compile("沐岚光伏电站")).first.click()
    open_tab(page, "相似成单")
    cards = page.locator("[class*=st-key-recommendation-]")
    expect(cards).to_have_count(3)
    for place in range(3):
        expect(cards.nth(place)).to_contain_text("为什么推荐")
        expect(cards.nth(place).locator("li").first).not_to_be_empty()
    expect(page.get_by_text("可以试试的方法")).to_be_visible()
    cards.first.get_by_role("button", name="用上了").click()
    expect(page.get_by_text("已记录：用上了这个案例。")).to_be_visible()


def test_b_a_voice_note_becomes_a_needs_diagnosis(log_in: LogIn, voice_notes: Path) -> None:
    page = log_in("rep")
    open_lead(page, "崧野")
    open_tab(page, "语音与诊断")
    page.get_by_role("tab", name="上传录音").click()
    choose_file(page, page.locator("input[type=file]").first, voice_notes / "visit_summary.m4a")
    page.get_by_role("button", name="提交转写").click()
    transcript = page.locator(".st-key-transcript")
    expect(transcript).to_contain_text("响应时间要小于二百毫秒", timeout=120_000)
    expect(transcript).to_contain_text("0:0")
    expect(page.get_by_text(re.compile("响应时间 ≤200 ms")).first).to_be_visible()
    fill_pain_points(page, 3)
    page.get_by_role("button", name="确认诊断").click()
    report = page.locator(".st-key-diagnosis-report")
    expect(report).to_contain_text("已确认")
    expect(page.locator(".st-key-gate")).not_to_contain_text("客户痛点")


def choose_file(page: Page, field: Locator, path: Path) -> None:
    """Give a file to an upload field and wait until the page has taken it in."""
    with page.expect_response(lambda answer: "upload_file" in answer.url):
        field.set_input_files(path)


def fill_pain_points(page: Page, wanted: int) -> None:
    """Accept what was suggested and choose on until there are as many as wanted."""
    field = page.locator("[data-testid=stMultiSelect]", has_text="核心痛点")
    chosen = field.locator(".react-aria-ComboBox [data-tag]")
    while (before := chosen.count()) < wanted:
        field.locator("input").click()
        page.locator("[role=option]").first.click()
        expect(chosen).to_have_count(before + 1)
        page.keyboard.press("Escape")


def test_c_a_comparison_sheet_is_checked_and_the_missing_parameter_asked_for_by_name(
    log_in: LogIn, tmp_path: Path
) -> None:
    page = log_in("rep")
    open_lead(page, "翊澄")
    open_tab(page, "资料核对")
    choose_kind(page, "产品对比表")
    form = page.locator("[data-testid=stForm]", has_text="这是什么资料")
    choose_file(page, form.locator("input[type=file]"), comparison_sheet(tmp_path / "翊澄 产品对比表.xlsx"))
    page.get_by_role("button", name="上传", exact=True).click()
    document = page.locator("[class*=st-key-document-]", has_text="翊澄 产品对比表.xlsx")
    expect(document).to_contain_text("核对未通过", timeout=90_000)
    expect(document).to_contain_text("请补充质保期参数实测数据")
    expect(document).to_contain_text("180 ms")
    expect(document).to_contain_text("对比")


def comparison_sheet(path: Path) -> Path:
    """A sheet that gives our figures for two of the three parameters that this customer named."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "对比"
    sheet.append(["扬州翊澄储能科技有限公司 产品对比表"])
    for row in (
        ["参数", "我方 SG-ES215（实测）", "竞品 A"],
        ["响应时间", "180 ms", "260 ms"],
        ["测量误差", "≤0.8%", "1.2%"],
        ["防护等级", "IP54", "IP54"],
    ):
        sheet.append(row)
    book.save(path)
    return path


def choose_kind(page: Page, name: str) -> None:
    page.get_by_label("这是什么资料").click()
    page.get_by_role("option", name=re.compile(name)).click()


_TITLE = "澄霁：需量电费拆开算，超充当天就定了"


def test_d_a_win_is_captured_with_evidence_then_published_and_points_are_booked(log_in: LogIn, tmp_path: Path) -> None:
    page = log_in("rep")
    before = points_of(page)
    open_won_lead(page, "澄霁")
    page.get_by_role("link", name="记录这次成单").click()
    tell_the_win(page)
    expect(page.get_by_text("还缺佐证材料")).to_be_visible()
    evidence = tmp_path / "账单测算.csv"
    evidence.write_text("月份,峰段电费,需量电费\n2026-01,52000,41000\n", encoding="utf-8")
    choose_file(page, page.locator("input[type=file]").first, evidence)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_text("账单测算.csv")).to_be_visible()
    expect(page.get_by_text("等待主管或培训发布")).to_be_visible()
    expect(page.get_by_role("button", name="发布到案例库")).to_have_count(0)
    publish_as_manager(log_in("manager"))
    assert points_of(page) == before + 20


def points_of(page: Page) -> int:
    """One's own balance, as the points screen shows it."""
    page.get_by_role("link", name="积分", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("积分")
    return int(page.locator("[data-testid=stMetricValue]").first.inner_text())


def open_won_lead(page: Page, name: str) -> None:
    page.get_by_role("link", name="线索", exact=True).click()
    page.get_by_role("radio", name="已签约").click()
    page.get_by_label("搜索线索或客户").fill(name)
    page.get_by_label("搜索线索或客户").press("Enter")
    page.get_by_role("link", name=re.compile(name)).first.click()


def tell_the_win(page: Page) -> None:
    page.get_by_label("标题").fill(_TITLE)
    page.get_by_label("经过").fill(
        "三座站高峰排队，需量电费一个月多付四万。我把十二个月账单拆成峰段和需量两张表，"
        "先在最忙的一座站做三十天试点，傅总看到排队时间减半，当天就签了另外两座。"
    )
    page.get_by_label("关键动作").fill("拆解十二个月电费账单\n最忙的一座站先试点三十天")
    choose(page, "用了哪些方法", "账单分析法")
    choose(page, "客户痛点", "用能成本高")
    page.get_by_role("button", name="保存").click()


def choose(page: Page, label: str, name: str) -> None:
    """One entry of a list that takes several."""
    page.locator("[data-testid=stMultiSelect]", has_text=label).locator("input").fill(name)
    page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")


def publish_as_manager(page: Page) -> None:
    """Find the draft among those that wait, and accept it into the library."""
    page.get_by_role("link", name="成单案例", exact=True).click()
    page.get_by_role("radio", name=re.compile("待发布")).click()
    page.get_by_role("link", name=_TITLE).click()
    expect(page.get_by_text("账单测算.csv")).to_be_visible()
    page.get_by_role("button", name="发布到案例库").click()
    expect(page.get_by_text("已发布").first).to_be_visible()


def test_d_the_manager_sees_certification_progress(log_in: LogIn) -> None:
    page = log_in("manager")
    expect(page.get_by_text(re.compile("签约 \\d+ 单，其中真正回款 \\d+ 单"))).to_be_visible()
    page.get_by_role("link", name="方法论认证", exact=True).click()
    expect(page.get_by_text(re.compile("用过方法之后的 3 单全部计入"))).to_be_visible()
    expect(page.get_by_text(re.compile("之后 \\d+ / 3 单")).first).to_be_visible()


def test_e_a_trainer_sees_skill_gaps_and_assigns_the_course(log_in: LogIn) -> None:
    page = log_in("trainer")
    worst = page.locator("[data-testid=stMetric]").first
    expect(worst).to_contain_text("处理价格异议")
    expect(worst).to_contain_text("83%")
    page.get_by_role("button", name=re.compile("安排给 \\d+ 人")).click()
    expect(page.get_by_text(re.compile("已安排 \\d+ 人"))).to_be_visible()
    expect(page.locator("[data-testid=stTable]")).to_contain_text("价格谈判实战课")


def test_the_screens_speak_english_and_fit_a_phone(log_in: LogIn) -> None:
    page = log_in("rep", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("[data-testid=stExpandSidebarButton]").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today")


def test_an_address_for_another_role_says_so(log_in: LogIn, product: Product) -> None:
    page = log_in("rep")
    page.goto(f"{product.address}/ui/imports")
    expect(page.get_by_text("这个页面不在您的角色范围内")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="今天").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("今天做什么")
