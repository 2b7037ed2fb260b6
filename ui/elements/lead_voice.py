"""The customer's voice: record or upload, watch it become words, correct them; or type a summary."""

from pathlib import PurePath
from uuid import UUID

import streamlit as st

from api.contracts.operations import SystemStatus
from api.contracts.transcripts import CorrectedText, TranscriptDetail, TranscriptPage, TranscriptSummary, TypedSummary
from ui.elements.display import clock_time, moment, plain, share
from ui.elements.frame import told_problems
from ui.session import client, say

#: what browsers and phones record; the server decides by content, not by name
_FORMATS = ["wav", "mp3", "m4a", "aac", "amr", "ogg", "opus", "webm", "flac", "mp4", "wma", "aiff"]


def show_voice(lead_id: UUID) -> None:
    """Ways in, then what came of them, latest first."""
    _show_degradation()
    recorded, uploaded, typed = st.tabs([say(f"voice.{way}") for way in ("record", "upload", "type")])
    with recorded:
        sound = st.audio_input(say("voice.record_hint"), key=f"record-{lead_id}")
        if sound and st.button(say("voice.send"), key="send-recording", type="primary"):
            _send(lead_id, "recording.wav", sound.getvalue())
    with uploaded:
        file = st.file_uploader(say("voice.upload_hint"), type=_FORMATS, key=f"voice-{lead_id}")
        if file and st.button(say("voice.send"), key="send-upload", type="primary"):
            _send(lead_id, file.name, file.getvalue())
    with typed, st.form("typed_summary", clear_on_submit=True):
        text = st.text_area(say("voice.type_hint"))
        if st.form_submit_button(say("voice.keep"), type="primary") and text.strip():
            with told_problems():
                client().post(f"/api/leads/{lead_id}/typed-summaries", TranscriptDetail, TypedSummary(text=text))
                st.rerun()
    _show_latest(lead_id)


def latest_transcript(lead_id: UUID) -> TranscriptSummary | None:
    """The newest voice summary of a lead."""
    page = client().get(f"/api/leads/{lead_id}/transcripts", TranscriptPage)
    return page.items[0] if page.items else None


def _show_degradation() -> None:
    for capability in client().get("/api/status", SystemStatus).capabilities:
        if capability.name == "speech" and capability.state == "absent":
            st.info(capability.message, icon=":material/mic_off:")


def _send(lead_id: UUID, name: str, content: bytes) -> None:
    with told_problems():
        client().upload(f"/api/leads/{lead_id}/transcripts", TranscriptSummary, name, content)
        st.rerun()


def _show_latest(lead_id: UUID) -> None:
    latest = latest_transcript(lead_id)
    if latest is None:
        return
    if latest.status in {"queued", "running"}:
        _watch(str(latest.id))
    elif latest.problem:
        st.warning(f"**{latest.problem.what}**\n\n{latest.problem.remedy}", icon=":material/mic_off:")
        if st.button(say("voice.retry")):
            with told_problems():
                client().post(f"/api/transcripts/{latest.id}/retry", TranscriptSummary)
                st.rerun()
    elif latest.status == "done":
        _show_words(client().get(f"/api/transcripts/{latest.id}", TranscriptDetail))


@st.fragment(run_every=1.0)
def _watch(transcript_id: str) -> None:
    """Progress, asked for each second until there is a result."""
    with told_problems():
        now = client().get(f"/api/transcripts/{transcript_id}", TranscriptDetail)
        st.progress(now.progress, say(f"voice.status_{now.status}", share=share(now.progress)))
        if now.status not in {"queued", "running"}:
            st.rerun()


def _model_name(model: str | None) -> str:
    """The model as people call it: a hub name whole, of a folder the end."""
    return plain("/".join(PurePath(model).parts[-2:])) if model else "—"


def _show_words(transcript: TranscriptDetail) -> None:
    with st.container(border=True, key="transcript"):
        st.markdown(f"**{say('voice.transcript')}** :gray[{moment(transcript.created_at)}]")
        lines = [f"`{clock_time(segment.start_seconds)}` {plain(segment.text)}" for segment in transcript.segments]
        if not transcript.is_edited:
            st.markdown("  \n".join(lines))
        if transcript.is_edited or not transcript.segments:
            st.text(transcript.best_text or "")
        if transcript.coverage is not None:
            st.caption(say("voice.coverage", coverage=share(transcript.coverage), model=_model_name(transcript.model)))
        with st.expander(say("voice.correct")), st.form("correct", border=False):
            text = st.text_area(say("voice.correct_hint"), transcript.best_text or "", height=160)
            if st.form_submit_button(say("voice.keep")):
                with told_problems():
                    client().put(f"/api/transcripts/{transcript.id}/text", TranscriptDetail, CorrectedText(text=text))
                    st.rerun()
