"""The company's own sentences for notifications, beside the product's."""

import streamlit as st

from api.contracts.playbook_drafts import Sentences
from ui.elements.process_editing import Editing, Json, edited_table, label, put, text_column
from ui.session import client, say


def show_wording(editing: Editing) -> None:
    """A row a notification; an empty cell leaves the product's own sentence."""
    st.caption(say("process.wording_hint"))
    wording: Json = editing.content["wording"]
    sentences = client().get("/api/playbook/wording", Sentences).items
    rows = [
        {
            "own": sentence.text,
            "zh": wording.get(sentence.code, {}).get("zh"),
            "en": wording.get(sentence.code, {}).get("en"),
            "placeholders": "、".join("{" + name + "}" for name in sentence.placeholders),
        }
        for sentence in sentences
    ]
    columns = {
        "own": text_column("own_sentence", disabled=True, width="large"),
        "zh": text_column("sentence_zh", width="large"),
        "en": text_column("sentence_en", width="large"),
        "placeholders": text_column("placeholders", disabled=True),
    }
    table = edited_table(rows, columns, editing.key("wording"), grows=False)
    if st.button(say("process.save"), type="primary", key=editing.key("save_wording")):
        changed = {
            sentence.code: label(row["zh"], row["en"])
            for sentence, row in zip(sentences, table, strict=True)
            if row["zh"] or row["en"]
        }
        editing.save(put(["wording"], changed))
