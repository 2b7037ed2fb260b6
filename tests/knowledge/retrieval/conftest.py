"""A small library with known right answers, and a real, tiny sentence-transformers model."""

import warnings
from pathlib import Path

import pytest

from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.case_search import CaseSearch
from knowledge.retrieval.library import CaseDocument, Library, MethodEntry, PainPointEntry

PAIN_POINTS = (
    PainPointEntry("energy", "用能成本高", ("电费高", "能耗大")),
    PainPointEntry("queue", "窗口排队久", ("群众等候时间长",)),
    PainPointEntry("cold", "温控不稳定", ("冷链断链", "温度超标")),
    PainPointEntry("tender", "招标条件不利", ("参数被对手卡",)),
)
METHODS = (
    MethodEntry("bill", "账单分析", "拿客户过去12个月的电费账单逐项拆解", ("老板只信自己的账单",)),
    MethodEntry("pilot", "试点先行", "选一条线小范围先做，达标后再铺开", ("客户怕失败",)),
    MethodEntry("clause", "招标参数引导", "对不公平条款提出书面澄清", ("对手已写进参数",)),
)


def won(case_id: str, title: str, industry: str, story: str, **facts: object) -> CaseDocument:
    return CaseDocument(case_id=case_id, title=title, industry=industry, story=story, **facts)  # type: ignore[arg-type]


CASES = (
    won(
        "moulding", "注塑厂装储能", "光伏/储能", "白天尖峰电价，一年电费九百万。把十二个月账单拆开，老板当场算清。",
        size="员工500人", region="江苏昆山", situation="三班倒，电费压得喘不过气",
        pain_points=("energy",), methods=("bill",), products=("HX-100液冷储能柜",), rep_id="R1",
    ),
    won(
        "dairy", "乳品冷链断点", "物流", "装卸那二十分钟没有温度，酸奶到店胀包。先在三台车上装记录仪，两周找到断点。",
        size="冷藏车180台", region="内蒙古", situation="终端投诉胀包",
        pain_points=("cold",), methods=("pilot",), products=("ColdTrack温度记录仪",), rep_id="R2",
    ),
    won(
        "hall", "社保大厅不再排队", "政务", "群众排队两小时，先开两个综合窗口试一个月，等候降到二十分钟。",
        size="日均2600人", region="浙江", situation="投诉多",
        pain_points=("queue",), methods=("pilot",), products=("OneWindow一窗受理",), rep_id="R3",
    ),
    won(
        "ventilator", "呼吸机招标参数", "医疗器械", "招标初稿只有一家进口品牌满足，我们逐条书面澄清，专家放宽两项。",
        size="三级妇幼", region="广东", situation="参数写死",
        pain_points=("tender",), methods=("clause",), products=("VT-9新生儿呼吸机",), rep_id="R1",
    ),
    won(
        "supermarket", "生鲜超市冷柜省电", "连锁零售", "冷柜敞着口，电费占毛利四成。先试一家店，当月电费降两成。",
        size="门店15家", region="山东", situation="冷柜费电",
        pain_points=("energy", "cold"), methods=("pilot", "bill"), products=("CoolSave冷柜联控",), rep_id="R1",
    ),
)  # fmt: skip


@pytest.fixture(scope="session")
def library() -> Library:
    return Library(CASES, METHODS, PAIN_POINTS)


@pytest.fixture(scope="session")
def index(library: Library) -> CaseIndex:
    return CaseIndex(library)


@pytest.fixture(scope="session")
def search(index: CaseIndex) -> CaseSearch:
    return CaseSearch(index)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sentence-transformers model with one seeded vector per character of the small library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import numpy as np
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.models import StaticEmbedding
        from tokenizers import Regex, Tokenizer, models, pre_tokenizers

        characters = sorted({letter for case in CASES for letter in case.title + case.situation + case.story})
        vocabulary = {letter: place for place, letter in enumerate(["[UNK]", *characters])}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
        vectors = np.random.default_rng(7).standard_normal((len(vocabulary), 48)).astype(np.float32)
        vectors[0] = 0
        folder = tmp_path_factory.mktemp("model") / "tiny-bge-zh"
        SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=vectors)], device="cpu").save(
            str(folder)
        )
    return folder
