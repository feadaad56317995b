"""Agreement between annotators. Every value is an `Agreement`: with its n, its interval and, where undefined, why."""

from __future__ import annotations

from goldwire.agreement.annotator_models import dawid_skene, mace
from goldwire.agreement.breakdown import by_item, by_label, by_rater, prevalence
from goldwire.agreement.gamma import best_disorder, gamma
from goldwire.agreement.kappa import cohen_kappa, conger_kappa, fleiss_kappa, light_kappa, scott_pi
from goldwire.agreement.krippendorff import krippendorff_alpha
from goldwire.agreement.paradox_resistant import brennan_prediger, gwet_ac, percent_agreement, randolph_kappa
from goldwire.agreement.span_f1 import mean_span_f1, span_f1
from goldwire.agreement.stance import mean_stance_f1, stance_alpha, stance_f1
from goldwire.agreement.standard_errors import analytic_interval, standard_error
from goldwire.agreement.token_alpha import token_alpha
from goldwire.agreement.unitizing_alpha import unitizing_alpha
from goldwire.agreement.unitizing_alpha_1995 import unitizing_alpha_1995
from goldwire.records import Agreement

__all__ = [
    "Agreement",
    "analytic_interval",
    "best_disorder",
    "brennan_prediger",
    "by_item",
    "by_label",
    "by_rater",
    "cohen_kappa",
    "conger_kappa",
    "dawid_skene",
    "fleiss_kappa",
    "gamma",
    "gwet_ac",
    "krippendorff_alpha",
    "light_kappa",
    "mace",
    "mean_span_f1",
    "mean_stance_f1",
    "percent_agreement",
    "prevalence",
    "randolph_kappa",
    "scott_pi",
    "span_f1",
    "stance_alpha",
    "stance_f1",
    "standard_error",
    "token_alpha",
    "unitizing_alpha",
    "unitizing_alpha_1995",
]
