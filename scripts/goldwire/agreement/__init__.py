"""Agreement between annotators, for ratings of items, spans in texts and stances between them.

Every function that returns an `Agreement` keeps the same conventions:

- *Higher is more agreement.* 1 is full agreement. Coefficients corrected for chance (alphas, kappas, gamma) are 0 where
  annotators agree as often as chance would, and below 0 where less often; F1 and percent agreement start at 0.
- *`n_items` counts what was compared*: items with two ratings or more (`krippendorff_alpha`, kappas), tokens
  (`token_alpha`), spans (`span_f1`, `unitizing_alpha`, `gamma`), or stances (`stance_alpha`, `stance_f1`). `n_raters`
  counts annotators.
- *`low` and `high` bound the 95% interval*, by default from the jackknife over articles (of spans and stances), over
  items, or over `groups` of items (of ratings): pass the articles as `groups`. It holds its level with eight articles
  too, where the bootstrap (`method="percentile"` or `"bca"`) is too narrow, and has a width under perfect agreement.
  `n_groups` counts the articles. `method=None` computes no interval.
- *`condition` says what a value is over* where that is not everything, such as `drawn-by-two`: the holder-target pairs
  that two annotators drew.
- *An undefined value is nan*, and `reason` says why.

Functions by what they compare:

- ratings, items x raters: `krippendorff_alpha`, `cohen_kappa`, `scott_pi`, `fleiss_kappa`, `conger_kappa`,
  `light_kappa`, `gwet_ac`, `brennan_prediger`, `randolph_kappa`, `percent_agreement`; their intervals by formula
  (`standard_error`, `analytic_interval`) and breakdown (`by_label`, `by_rater`, `by_item`, `prevalence`); models of the
  annotators (`dawid_skene`, `mace`)
- spans: `span_f1`, `mean_span_f1`, `unitizing_alpha`, `unitizing_alpha_1995`, `token_alpha`, `gamma`, `best_disorder`
- all of these at once, of any layers: `report`
- stances: `stance_alpha`, `stance_f1`, `mean_stance_f1`
"""

from __future__ import annotations

from goldwire.agreement.annotations import SpanLike
from goldwire.agreement.annotator_models import AnnotatorModel, ConvergenceWarning, dawid_skene, mace
from goldwire.agreement.batch import BatchAgreement, report
from goldwire.agreement.batch_context import BatchContext
from goldwire.agreement.breakdown import by_item, by_label, by_rater, prevalence_warning
from goldwire.agreement.gamma import best_disorder, gamma
from goldwire.agreement.kappa import cohen_kappa, conger_kappa, fleiss_kappa, light_kappa, scott_pi
from goldwire.agreement.krippendorff import krippendorff_alpha
from goldwire.agreement.paradox_resistant import brennan_prediger, gwet_ac, percent_agreement, randolph_kappa
from goldwire.agreement.span_f1 import mean_span_f1, span_f1
from goldwire.agreement.stance import stance_alpha
from goldwire.agreement.stance_f1 import mean_stance_f1, stance_f1
from goldwire.agreement.standard_errors import analytic_interval, standard_error
from goldwire.agreement.token_alpha import token_alpha
from goldwire.agreement.unitizing_alpha import unitizing_alpha
from goldwire.agreement.unitizing_alpha_1995 import unitizing_alpha_1995
from goldwire.records import Agreement

__all__ = [
    "Agreement",
    "AnnotatorModel",
    "BatchAgreement",
    "BatchContext",
    "ConvergenceWarning",
    "SpanLike",
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
    "prevalence_warning",
    "randolph_kappa",
    "report",
    "scott_pi",
    "span_f1",
    "stance_alpha",
    "stance_f1",
    "standard_error",
    "token_alpha",
    "unitizing_alpha",
    "unitizing_alpha_1995",
]
