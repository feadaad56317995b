"""Sentences: properties of any text, and the sentences of invented texts in many languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.text.sentences import sentences

TEXT = st.text(st.one_of(st.sampled_from(list("aB.'’-! \n“”5中।؟」\"🚀。")), st.characters(exclude_categories=("Cs",))))


@given(TEXT, st.sampled_from(("en", "de", "ja", "el", "ru", "und")))
def test_sentences_cover_all_but_white_space(text: str, language: str) -> None:
    end = 0
    for start, stop in sentences(text, language):
        assert end <= start < stop
        assert not text[end:start].strip()
        assert text[start:stop] == text[start:stop].strip()
        assert "\n" not in text[start:stop]
        end = stop
    assert not text[end:].strip()


def test_a_lone_surrogate_is_a_character_like_others() -> None:
    assert sentences("\ud800 Fa. Roe kam. Er ging.", "de") == [(0, 14), (15, 23)]


# Each text is written with `|` where a sentence ends.
SENTENCES = {
    "en": [
        "He left.|She stayed.",
        "Mr. Roe met Gen. Doe.",
        "J. R. Roe spoke.|“Why?” she asked.",
        "It rose 1.5 percent.|Then it fell.",
        "In the U.S. Senate.",
        "He moved to the U.S.|The end.",
        "At 5 p.m.|He left.",
        "“Stop!”|He ran.",
        "First. second",
        "Was it No. 5?|No.|It was Fig. 3, vol. 2, pp. 4.",
        "The Rt. Hon. Mara Oskel spoke.|It paid.|$5 is little.|#ferry",
        "They waited…|“It came,” he said.",
        "Doors shut! she cried.|Done.",
    ],
    "de": [
        "Das kostet z. B. 3,50 Euro.|Dr. Müller kam am 3. Oktober ca. um 5 Uhr.",
        "Er sagte u. a., dass die Fa. Meier bzw. deren Chef kommt.|Prof. Dr. h. c. Lang nickte.",
        "Am 12. Dez. trat der Rat zusammen.|Der Abg. Huber sprach vgl. Abs. 3 Nr. 2.",
        "Die Firma hat ca. 5 Mio. Kunden.|Sie wächst.",
        "„Nein!“, rief sie.|„Doch.“|Er ging.",
        "Der 2. Senat tagte 2020.|Im 3. Stock wohnt d. h. niemand.",
        "Es gab Kuchen, Tee usw.|Die Gäste kamen.",
        "»Komm.«|»Wohin?«|Sie schwieg.",
    ],
    "es": [
        "El Sr. López visitó EE. UU. el lunes.|Volvió el martes.",
        "La Dra. Ruiz dijo: «No».|Luego salió a las 3 p. m. del hotel.",
        "¿Qué pasa?|¡Nada!|Vive en la Av. Mayor núm. 3, pág. 12.",
        "Viajó a EE. UU.|El presidente calló.",
    ],
    "fr": [
        "M. Dupont est parti.|Mme Durand l’a vu à 15 h.|Voir p. 12 et art. 3.",
        "« Non ! » dit-il.|Puis il sortit.",
        "« Oui. »|Elle rit.",
    ],
    "it": ["Il sig. Rossi è partito.|Poi tornò.", "L’on. Bianchi ha parlato.|Perché?|Non si sa."],
    "pt": ["O Sr. Silva saiu.|A Dra. Souza ficou.", "Foi no séc. XX.|Depois mudou."],
    "nl": ["Dhr. Jansen kwam.|Hij ging weer.", "Dat is o.a. waar.|Toch?"],
    "ru": [
        "Это было в 2020 г. в Москве.|Он уехал.",
        "Т. е. он не пришёл и т. д. и т. п.|А она осталась.",
        "А. С. Орлов жил на ул. Садовой, д. 5.|Потом уехал.",
        "Цена 5 тыс. руб. за тонну.|Им. Орлова.",
        "Так было в 2020 г.|Потом всё изменилось.",
        "— Где он? — спросила она.|Никто не знал!",
    ],
    "uk": ["Це сталося 2020 р. у Києві.|Він поїхав.|Чому?|Не знаю."],
    "pl": ["Dr hab. Nowak przyszedł.|Np. wczoraj go nie było.|Dlaczego?"],
    "tr": ["Dr. Yılmaz geldi.|Prof. Kaya vb. konuştu.|Neden?"],
    "el": ["Ο κ. Παπάς έφυγε.|Γιατί;|Δεν ξέρω."],
    "zh": [
        "他说：“我不去。”|然后离开了。|为什么？|不知道！|真的……",
        "“走吧！”她喊道。|他没动。|3.5万人参加了U.S.会议。",
        '他走了。|"再见。"她说。',
        "“为什么？”马拉问，没有人回答。|“走吧！”|会议在周一结束。|他说：“我们不会让步！”|会议在周一结束。",
        "他走了。|“再见！”|她哭了",
    ],
    "ja": [
        "彼は「行かない。」と言った。|そして帰った。|なぜ？|わからない！",
        "東京です。|「はい。」|「いいえ。」",
        "約３．５万人。|雨だ。",
    ],
    "ko": ["그는 갔다.|그녀는 남았다.|왜?|모른다."],
    "th": ["ดร. สมชาย เดินทางไปเชียงใหม่ เมื่อ พ.ศ. 2563 เขากล่าวว่าจะกลับ"],
    "km": ["គាត់ទៅ។|នាងនៅ។"],
    "my": ["သူသွားသည်။|သူမနေသည်။"],
    "hi": [
        "उन्होंने कहा।|पाकिस्तान ने मना किया॥|क्या यह सच है?|हाँ।",
        "डॉ. शर्मा आए।|वे बैठे।",
        "वह गया।|वह रुकी।",
        '"मैं नहीं जाऊँगा।"|उन्होंने कहा।',
    ],
    "bn": ["সে গেল।|কেন?|জানি না।"],
    "ar": ["هل هذه الخطة؟|نعم.|قال الوزير إنه وافق!|ثم خرج.", "وصل د. سالم.|ثم تكلم."],
    "fa": ["او رفت.|چرا؟|نمی‌دانم!"],
    "ur": ["وہ گیا۔|اس نے کہا؟|ہاں۔"],
    "he": ["הוא אמר שלום.|היא ענתה לו.|למה?|כי כן.", "ד״ר כהן הגיע.|פרופ' לוי דיבר."],
    "am": ["እሱ ሄደ።|እሷ ቀረች።|ለምን፧|አላውቅም።"],
    "hy": ["Նա գնաց։|Նա մնաց։|Ինչո՞ւ։", "Նա գնաց:|Նա մնաց:"],
}


@pytest.mark.parametrize(("language", "marked"), [(code, text) for code, texts in SENTENCES.items() for text in texts])
def test_sentences_end_where_they_are_marked(language: str, marked: str) -> None:
    text = marked.replace("|", "" if language in ("zh", "ja") else " ")
    assert [text[start:end] for start, end in sentences(text, language)] == marked.split("|")


@pytest.mark.parametrize("text", ["वह गया।वह रुकी।", "وہ گیا۔اس نے کہا؟ہاں۔", "እሱ ሄደ።እሷ ቀረች።", "Նա գնաց։Նա մնաց։"])
def test_the_stops_of_other_scripts_need_no_space(text: str) -> None:
    stops = "।۔؟።։"
    assert len(sentences(text, "und")) == sum(map(text.count, stops))


@pytest.mark.parametrize("language", ["pt-BR", "zh_Hant", "DE", "xx", "und", "mul", ""])
def test_any_language_code_is_accepted(language: str) -> None:
    assert sentences("Um. Dois.", language) == [(0, 3), (4, 9)]


def test_a_line_end_ends_a_sentence() -> None:
    text = "Headline\n\nFirst. second"
    assert [text[start:end] for start, end in sentences(text)] == ["Headline", "First. second"]
