"""Stages and their gates: added, renamed, put in order, removed; what each asks for."""

from typing import Any

import streamlit as st

from ui.elements.display import plain
from ui.elements.process_editing import (
    Editing,
    Json,
    choice_column,
    choices_as_text,
    choices_of_text,
    edited_table,
    label,
    move,
    new_code,
    put,
    remove,
    spoken,
    text_column,
)
from ui.elements.process_limits import show_limit
from ui.session import say

_FIELD_TYPES = ("text", "number", "date", "choice", "choices", "person")


def show_stages(editing: Editing) -> None:
    """The chain of stages, then one of them in full."""
    stages: list[Json] = editing.content["stages"]
    st.markdown(" → ".join(f"**{plain(spoken(stage['name']))}**" for stage in stages))
    names = {stage["code"]: f"{place}. {spoken(stage['name'])}" for place, stage in enumerate(stages, start=1)}
    chosen = st.pills(say("process.stage"), list(names), format_func=lambda code: names[code], key="process_stage")
    _show_new_stage(editing, stages)
    stage = next((one for one in stages if one["code"] == chosen), None)
    if stage is None:
        st.caption(say("process.choose_stage"))
        return
    _show_name(editing, stage, stages.index(stage) + 1)
    _show_fields(editing, stage)
    _show_documents(editing, stage)
    show_limit(editing, stage)


def _show_new_stage(editing: Editing, stages: list[Json]) -> None:
    with st.popover(say("process.new_stage"), icon=":material/add:"), st.form("new_stage", border=False):
        zh, en = st.text_input(say("process.name_zh")), st.text_input(say("process.name_en"))
        position = st.number_input(say("process.position"), 1, len(stages) + 1, len(stages) + 1)
        if st.form_submit_button(say("process.add"), type="primary") and (zh or en):
            code = new_code("stage", [stage["code"] for stage in stages])
            edits = [put(["stages", code], {"code": code, "name": label(zh, en)})]
            if position <= len(stages):
                edits.append(move(["stages", code], int(position)))
            editing.save(*edits)


def _show_name(editing: Editing, stage: Json, position: int) -> None:
    path = ["stages", stage["code"]]
    with st.form(editing.key("name", stage["code"])):
        zh = st.text_input(say("process.name_zh"), stage["name"]["zh"])
        en = st.text_input(say("process.name_en"), stage["name"]["en"])
        place = st.number_input(say("process.position"), 1, len(editing.content["stages"]), position)
        if st.form_submit_button(say("process.save"), type="primary"):
            edits = [put([*path, "name"], label(zh, en))]
            if place != position:
                edits.append(move(path, int(place)))
            editing.save(*edits)
    with st.popover(say("process.remove_stage"), icon=":material/delete:"):
        st.markdown(say("process.remove_stage_hint"))
        if st.button(say("process.remove_now"), key=editing.key("remove", stage["code"])):
            reviews = [one for one in editing.content["health"]["reviews"] if one["stage"] == stage["code"]]
            editing.save(*(remove(["health", "reviews", one["code"]]) for one in reviews), remove(path))


def _show_fields(editing: Editing, stage: Json) -> None:
    """What a lead must say before it leaves the stage forwards."""
    st.subheader(say("process.fields"))
    st.caption(say("process.fields_hint"))
    rows = [
        {
            "code": field["code"],
            "label_zh": field["label"]["zh"],
            "label_en": field["label"]["en"],
            "type": field["type"],
            "choices": choices_as_text(field["choices"]),
            "count": field["count"],
            "how_zh": field["how"]["zh"],
            "how_en": field["how"]["en"],
        }
        for field in stage["fields"]
    ]
    columns = {
        "label_zh": text_column("name_zh", required=True),
        "label_en": text_column("name_en"),
        "type": choice_column("field_type", _FIELD_TYPES, default="text"),
        "choices": text_column("choices", help=say("process.choices_help")),
        "count": st.column_config.NumberColumn(say("process.count"), min_value=1, step=1),
        "how_zh": text_column("how_zh"),
        "how_en": text_column("how_en"),
        "code": text_column("code", help=say("process.code_help")),
    }
    table = edited_table(rows, columns, editing.key("fields", stage["code"]))
    if st.button(say("process.save_fields"), key=editing.key("save_fields", stage["code"])):
        before = {field["code"]: field for field in stage["fields"]}
        taken = [field["code"] for one in editing.content["stages"] for field in one["fields"]]
        fields: list[Json] = []
        for row in table:
            code = str(row["code"] or new_code("field", [*taken, *(field["code"] for field in fields)]))
            fields.append(_field(row, code, before.get(code)))
        editing.save(put(["stages", stage["code"], "fields"], fields))


def _field(row: Json, code: str, before: Json | None) -> Json:
    """A lexicon stays the source of choices for as long as no own ones are written."""
    kind = row["type"] or "text"
    field: dict[str, Any] = {
        "code": code,
        "label": label(row["label_zh"], row["label_en"]),
        "type": kind,
        "how": label(row["how_zh"] or row["label_zh"], row["how_en"] or row["label_en"]),
    }
    if kind in {"choice", "choices"}:
        choices = choices_of_text(row["choices"])
        from_lexicon = before["choices_from"] if before and not choices else None
        field |= {"choices_from": from_lexicon} if from_lexicon else {"choices": choices}
    if row["count"]:
        field["count"] = int(row["count"])
    return field


def _show_documents(editing: Editing, stage: Json) -> None:
    """Documents that must be there, and whether their quality check must have passed."""
    st.subheader(say("process.documents"))
    kinds = {kind["code"]: spoken(kind["name"]) for kind in editing.content["document_kinds"]}
    rows = [
        {
            "kind": document["kind"],
            "title_zh": document["title"]["zh"],
            "title_en": document["title"]["en"],
            "must_pass_check": document["must_pass_check"],
            "how_zh": document["how"]["zh"],
            "how_en": document["how"]["en"],
        }
        for document in stage["documents"]
    ]
    columns = {
        "kind": st.column_config.SelectboxColumn(
            say("process.document_kind"), options=list(kinds), format_func=lambda code: kinds.get(str(code), str(code))
        ),
        "title_zh": text_column("name_zh"),
        "title_en": text_column("name_en"),
        "must_pass_check": st.column_config.CheckboxColumn(say("process.must_pass_check"), default=True),
        "how_zh": text_column("how_zh"),
        "how_en": text_column("how_en"),
    }
    table = edited_table(rows, columns, editing.key("documents", stage["code"]))
    if st.button(say("process.save_documents"), key=editing.key("save_documents", stage["code"])):
        names = {kind["code"]: kind["name"] for kind in editing.content["document_kinds"]}
        documents = [_document(row, names) for row in table if row["kind"]]
        editing.save(put(["stages", stage["code"], "documents"], documents))


def _document(row: Json, names: dict[str, dict[str, str]]) -> Json:
    title = label(row["title_zh"], row["title_en"])
    own_name = names[row["kind"]]
    how = label(row["how_zh"], row["how_en"])
    return {
        "kind": row["kind"],
        "title": title if title["zh"] else own_name,
        "how": how if how["zh"] else title if title["zh"] else own_name,
        "must_pass_check": bool(row["must_pass_check"]),
    }
