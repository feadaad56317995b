"""Words that boilerplate is made of, in a few languages, in classes by which the words of a line are counted."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from goldwire.text.hash_lookup import HashLookup, build_lookup
from goldwire.text.ngrams import Hashes, hash_words

__all__ = ["CLASSES", "class_table", "word_classes"]

_WORDS = {
    "function": """the a an of to in and that is was for on with as at by from it its he she they we his her their our
        this these those be been are were has have had will would could should not but or which who said says than
        about after before when while there also into over out up if what all more other no so some can may do did
        el la los las de del que y en un una por con para se su no es al como más pero lo sobre este o da do das
        dos um uma em não com os as ao na no nas pelo pela le les des du et est dans une pour qui sur au par ne pas
        il che di e non per sono della delle nel con si der die das und ist nicht mit von zu den dem ein eine auf
        het van een dat niet op te и в не на что с по как это из за от для он она они""",
    "share": """facebook twitter whatsapp linkedin pinterest reddit telegram instagram youtube flipboard tumblr share
        tweet email print copy link pin rss compartir compartilhar partager condividi teilen tiktok snapchat
        messenger shares likes followers follow fb""",
    "newsletter": """subscribe newsletter newsletters inbox signup sign register subscription subscribers subscriber
        alerts app download unlimited membership login log account suscríbete assine abonnez iscriviti free trial
        join password username""",
    "comments": """comment comments reply replies leave commenting post posted disqus logged moderated comentarios
        comentários commentaires commenti kommentare комментарии required fields website name""",
    "legal": """copyright rights reserved privacy policy terms conditions cookie cookies disclaimer trademark
        trademarks accessibility gdpr ccpa consent adchoices llc inc ltd permission reproduced redistributed
        derechos reservados direitos mentions légales impressum datenschutz imprint""",
    "related": """related read watch popular latest trending recommended stories story articles article also more
        most viewed headlines video videos photos gallery galleries editor picks top next previous prev related
        relacionadas noticias notícias leia veja lire leggi mehr lesen читайте слайд slideshow view see check
        explore discover promoted sponsored advertisement advert ad ads advertise advertising taboola outbrain""",
    "navigation": """home menu search contact about us faq help careers jobs sitemap section sections categories
        category tags tag topics archive archives news sport sports business politics entertainment lifestyle
        health science tech technology opinion opinions world local weather obituaries classifieds travel money
        culture arts music movies tv video podcast podcasts podcasts live skip content close back edition inicio
        accueil startseite início shop store deals events""",
    "date": """january february march april may june july august september october november december jan feb mar apr
        jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu
        fri sat sun am pm gmt est edt pst pdt cst utc ist ago updated published update minutes hours hour min""",
    "byline": """by staff reporter writer correspondent editor editors author contributor written reporting edited
        editing bureau desk columnist reporters contributed credit credits""",
    "caption": """photo photos photograph image images getty reuters ap afp epa shutterstock alamy handout courtesy
        pictured file caption photographer picture pictures istock zuma usatsi illustration""",
}
CLASSES = tuple(_WORDS)


@cache
def class_table() -> HashLookup:
    """Return the class (1, 2, ...) of each word by its hash; a word in two classes counts as the first."""
    numbers: dict[str, int] = {}
    for number, name in enumerate(CLASSES, 1):
        for word in _WORDS[name].split():
            numbers.setdefault(word, number)
    text = " ".join(numbers).encode()
    hashes, _ = hash_words(np.frombuffer(text, np.uint8), np.array([0, len(text)]))
    return build_lookup(hashes, np.array(list(numbers.values())))


def word_classes(hashes: Hashes) -> NDArray[np.int64]:
    """Return the class of each word by its hash, 0 for none."""
    return class_table().get(hashes)
