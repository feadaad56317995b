"""L5: splits do not leak, and releases are what they say."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "article-across-splits",
        5,
        "error",
        summary="an article is assigned to two splits",
        why="A model is tested on what it was trained on, so its score says nothing.",
        fix="Keep the row that came first: an article stays in its split for ever.",
        example=(
            "splits/assignment.tsv:5 herald-f00daee13d10: L5 split error [article-across-splits] in train "
            "already, here in test"
        ),
    ),
    Rule(
        "cluster-across-splits",
        5,
        "error",
        summary="near-duplicate articles are in different splits",
        why="The same story under two ids in train and test inflates every score.",
        fix="Bring splits/assignment.tsv back from git and run `goldwire split`, which keeps clusters whole.",
        example=(
            "splits/assignment.tsv:3 wire-6bc7e889ace8: L5 split error [cluster-across-splits] in "
            "validation, its near-duplicate herald-f00daee13d10 in train"
        ),
    ),
    Rule(
        "text-across-splits",
        5,
        "error",
        summary="the same text is in two splits",
        why="A model is tested on what it was trained on, whatever the ids say.",
        fix="Run `goldwire dedup`; keep the article that was split first, and take the other out of gold.",
        example=(
            "splits/assignment.tsv:5 wire-e0e0e0e0e0e0: L5 split error [text-across-splits] in train, the "
            "very text of wire-dcd79e4eb66e in test"
        ),
    ),
    Rule(
        "near-text-across-splits",
        5,
        "error",
        summary="nearly the same text is in two splits",
        why="The story was seen in training; a score on it is memory, not skill.",
        fix="Run `goldwire dedup`; keep the article that was split first, and take the other out of gold.",
        example=(
            "splits/assignment.tsv:5 herald-d4f13fee6ac3: L5 split error [near-text-across-splits] in train, "
            "nearly the text (Jaccard 0.70) of wire-dcd79e4eb66e in test"
        ),
    ),
    Rule(
        "headline-across-splits",
        5,
        "warning",
        summary="articles with one headline are in two splits",
        why="They are most often one story told twice.",
        fix="Look at both; take one out of gold where it is the same story.",
        example=(
            "splits/assignment.tsv:5 wire-68382fc9fbf0: L5 split warning [headline-across-splits] in train, "
            "the headline of wire-dcd79e4eb66e in test"
        ),
    ),
    Rule(
        "group-across-splits",
        5,
        "error",
        summary="rows of one group are in two splits",
        why="Sentences of one article, or articles of one story, share names and facts: a score is partly memory.",
        fix="Split by group, and publish the split as a new version.",
        example=(
            "rows.csv:4 train test: L5 split error [group-across-splits] 1 of its 1 values of 'article_id' "
            "are in train too; this one is at rows.csv:2"
        ),
    ),
    Rule(
        "split-missing",
        5,
        "warning",
        summary="a gold article has no split",
        why="It will not be in the next release.",
        fix="Run `goldwire split`. One that it keeps out, since it would join train and test, stays out.",
        example=(
            "annotations/gold/b01.jsonl:3 wire-dcd79e4eb66e: L5 split warning [split-missing] is gold and "
            "not in splits/assignment.tsv"
        ),
    ),
    Rule(
        "split-without-gold",
        5,
        "warning",
        summary="an article has a split and no gold",
        why="It was released once, or its gold was lost since.",
        fix="Bring its gold back; an assignment itself is for ever.",
        example=(
            "splits/assignment.tsv:5 wire-68382fc9fbf0: L5 split warning [split-without-gold] in train, and has no gold"
        ),
    ),
    Rule(
        "split-empty",
        5,
        "warning",
        summary="a split has no article",
        why="There is nothing to train, to tune or to test on.",
        fix="Annotate more, or set its ratio to 0 in [tool.goldwire].",
        example="splits/assignment.tsv test: L5 split warning [split-empty] test has no article, its ratio is 0.33",
    ),
    Rule(
        "split-lacks-label",
        5,
        "warning",
        summary="a label is missing from one of the splits",
        why="It is never learnt, or never tested.",
        fix="Annotate more articles that have it.",
        example=(
            "splits/assignment.tsv train neutral: L5 split warning [split-lacks-label] no neutral in train "
            "(validation 1, test 1)"
        ),
    ),
    Rule(
        "class-imbalance",
        5,
        "warning",
        summary="a class is hardly there, or nearly all there is",
        why="A model that always says the commonest class scores high; a class of a handful of rows has no score.",
        fix="Sample more of the rare class, or report scores by class.",
        example="rows.csv supports: L5 split warning [class-imbalance] only 1 of 201 rows are 'supports'",
    ),
    Rule(
        "assignment-out-of-order",
        5,
        "error",
        summary="a row of splits/assignment.tsv is above rows of older versions",
        why="The file only ever grows: a row put in between was put there by hand.",
        fix="Bring the file back from git and run `goldwire split`.",
        example=(
            "splits/assignment.tsv:3 wire-6bc7e889ace8: L5 split error [assignment-out-of-order] joined in "
            "0.0.0, below rows of 0.0.1"
        ),
    ),
    Rule(
        "assignment-changed",
        5,
        "error",
        summary="a released article is in another split now",
        why="Models trained on the released version would be tested on what they have seen.",
        fix="Bring splits/assignment.tsv back from git: an article stays in its split for ever.",
        example=(
            "splits/v0.0.1/data/entities/test-00000-of-00001.parquet wire-dcd79e4eb66e: L5 split error "
            "[assignment-changed] released in test, assigned to train now"
        ),
    ),
    Rule(
        "version-malformed",
        5,
        "error",
        summary="a version is not of the form X.Y.Z",
        why='Versions have to sort, and `revision="v1.2.3"` has to find them.',
        fix="Name it by three numbers.",
        example=(
            "splits/assignment.tsv:4 wire-dcd79e4eb66e: L5 split error [version-malformed] since_version is 'one', "
            "expected as 1.2.3"
        ),
    ),
    Rule(
        "version-not-increased",
        5,
        "error",
        summary="an article is in a release that is older than the version it joined in",
        why="A released version was written again, or a later release has a lower number.",
        fix="Release the change under the next version.",
        example=(
            "splits/v0.0.1/data/entities/test-00000-of-00001.parquet wire-dcd79e4eb66e: L5 split error "
            "[version-not-increased] joins in 0.1.0, which is later than this version"
        ),
    ),
    Rule(
        "release-version-mismatch",
        5,
        "error",
        summary="a release's folder and manifest name two versions",
        why="Who loads it by one name gets the other.",
        fix="Bring the folder back from git; a copy is no release.",
        example=(
            "splits/v0.0.1/manifest.json: L5 split error [release-version-mismatch] the manifest says "
            "'0.0.2', the folder 'v0.0.1'"
        ),
    ),
    Rule(
        "release-unreadable",
        1,
        "error",
        summary="a released Parquet file cannot be read",
        why="`load_dataset` fails on it.",
        fix="Bring it back from git.",
        example=(
            "splits/v0.0.1/data/stance/test-00000-of-00001.parquet: L1 format error [release-unreadable] "
            "cannot be read: Parquet file size is 4 bytes, smaller than the minimum file footer (8 bytes)"
        ),
    ),
    Rule(
        "release-counts-wrong",
        5,
        "error",
        summary="a release has other numbers of rows than its manifest says",
        why="The manifest is what papers quote.",
        fix="Bring the release back from git.",
        example=(
            "splits/v0.0.1/manifest.json train: L5 split error [release-counts-wrong] train has 2 articles "
            "in the manifest, 1 in data/entities/train-00000-of-00001.parquet"
        ),
    ),
    Rule(
        "release-card-stale",
        5,
        "error",
        summary="a dataset card says other numbers than the data",
        why="`load_dataset` checks the card's numbers and refuses, and readers quote them.",
        fix="Bring the card back from git, or release the change as a new version.",
        example="splits/v0.0.1/README.md: L5 split error [release-card-stale] has no heading `# tiny 0.0.1`",
    ),
    Rule(
        "release-real-name",
        5,
        "error",
        summary="a released annotator is no pseudonym",
        why="A name that was published cannot be taken back.",
        fix="Give the annotator a pseudonym in the layers and release a new version; withdraw this one.",
        example=(
            "splits/v0.0.1/data/annotations/test-00000-of-00001.parquet Ilsa Vernock: L5 split error "
            "[release-real-name] 'Ilsa Vernock' is no pseudonym, as A1"
        ),
    ),
    Rule(
        "release-email",
        5,
        "error",
        summary="a released page has an e-mail address",
        why="An address that was published cannot be taken back.",
        fix="Take it out before it is published; name the repository as contact instead.",
        example="splits/v0.0.1/README.md:229: L5 split error [release-email] 'desk@nowhere.example'",
    ),
    Rule(
        "release-text-forbidden",
        5,
        "error",
        summary="a release holds text that its source forbids to give away",
        why="It breaches the licence.",
        fix="Release the labels without the text (`goldwire hydrate` restores it), or get leave for it.",
        example=(
            "splits/v0.0.1/data/entities/train-00000-of-00001.parquet herald-f00daee13d10: L5 split error "
            "[release-text-forbidden] text of 'herald' is in it, which may not be redistributed"
        ),
    ),
    Rule(
        "release-rewritten",
        5,
        "error",
        summary="a released version is not as it was",
        why="Two people who load the same version would train on different data.",
        fix="Bring it back from git and release the change as a new version.",
        example=(
            "splits/v0.0.1/README.md: L5 split error [release-rewritten] a released version is for ever, and "
            "this file is not as it was"
        ),
    ),
    Rule(
        "assignment-rewritten",
        5,
        "error",
        summary="rows of splits/assignment.tsv are changed or gone",
        why="An article stays in its split for ever: models were trained on it there.",
        fix="Bring the file back from git and run `goldwire split`, which only adds rows.",
        example=(
            "splits/assignment.tsv:4: L5 split error [assignment-rewritten] rows that were there are changed "
            "or gone; the file only ever grows"
        ),
    ),
    Rule(
        "datasheet-stale",
        5,
        "error",
        summary="a generated block of DATASHEET.md is not that of the latest version",
        why="Readers take the datasheet for what it says of the data: its numbers are of another version.",
        fix="Run `goldwire release` again: it brings the blocks up to date.",
        example="DATASHEET.md version: L5 split error [datasheet-stale] the block 'version' is not that of 0.0.1",
    ),
)
