/* What stands around each line of its page: goldwire.context. */

#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOWS = 5, FURTHEST = 50, SHORT = 12, AROUND = 4, MARKS = 6, RATES = 6, NEAR = 6, TOGETHER = 32 };

static const int near_by[NEAR] = {WORDS, ENDS_SENTENCE, IN_TITLE, IN_CORE, ENDS_ELLIPSIS, GLUED};
/* share, newsletter, comments, legal, related, date */
static const int mark_of[MARKS] = {CLASSES + 1, CLASSES + 2, CLASSES + 3, CLASSES + 4, CLASSES + 5, CLASSES + 7};
static const int rate_of[RATES] = {GLUED, ENDS_ELLIPSIS, ENDS_SENTENCE, CLASSES + 7, REPEATS, DIGITS};
static const int64_t parts = 1 << 24, penalties[2] = {6, 15}, windows[WINDOWS] = {1, 2, 4, 8, 16};

/* Of each line, and one more: sums over the lines before it, and what was last and will be next. */
typedef struct {
  int64_t prose, titled, titles, rates[RATES];
  int64_t block[2], least[2]; /* the running sum of a block's weight, and its least so far */
  int64_t last_title, last[1 + MARKS], next[1 + MARKS], most[MARKS];
} Sums;

typedef struct {
  int64_t start, end;
} Block;

static int64_t at_least(int64_t one, int64_t other) { return one > other ? one : other; }
static int64_t at_most(int64_t one, int64_t other) { return one < other ? one : other; }

static int64_t prose_of(const Page *page, int64_t line) {
  const float *looks = page->looks[line];
  return looks[ENDS_SENTENCE] > 0 && looks[WORDS] > 2 ? page->number[line] : 0;
}

static int is_marked(const Page *page, int64_t line, int kind) {
  if (!kind) return prose_of(page, line) > 0;
  return page->looks[line][mark_of[kind - 1]] > 0.3f && page->number[line] <= SHORT;
}

/* Sum over the lines up to each. */
static void run(const Page *page, Sums *sums) {
  memset(sums, 0, sizeof *sums);
  for (int64_t line = 0; line < page->count; line++) {
    const float *looks = page->looks[line];
    const int64_t prose = prose_of(page, line), number = page->number[line];
    const Sums *now = sums + line;
    Sums *next = sums + line + 1;
    next->prose = now->prose + prose;
    next->titled = now->titled + (number > 7 ? (int64_t)rint((double)number * looks[IN_TITLE]) : 0);
    next->titles = now->titles + (looks[IS_TITLE] > 0);
    for (int rate = 0; rate < RATES; rate++)
      next->rates[rate] = now->rates[rate] + (int64_t)rintf(looks[rate_of[rate]] * (float)parts);
    for (int row = 0; row < 2; row++) {
      next->block[row] = now->block[row] + at_most(prose, 80) - penalties[row];
      next->least[row] = at_most(now->least[row], next->block[row]);
    }
  }
}

/* Find for each line the last and the next that are marked, and how much prose there was before the last. */
static void look_both_ways(const Page *page, Sums *sums) {
  int64_t title = -1, last[1 + MARKS], next[1 + MARKS], most[MARKS] = {0};
  for (int kind = 0; kind <= MARKS; kind++) last[kind] = next[kind] = -1;
  for (int64_t line = 0; line < page->count; line++) {
    if (page->looks[line][IS_TITLE] > 0) title = line;
    sums[line].last_title = title;
    const int64_t words = sums[line].prose - sums[title < 0 ? line : title].prose;
    for (int kind = 0; kind <= MARKS; kind++) {
      if (is_marked(page, line, kind)) {
        last[kind] = line;
        if (kind) most[kind - 1] = at_least(most[kind - 1], words);
      }
      sums[line].last[kind] = last[kind];
    }
    memcpy(sums[line].most, most, sizeof most);
  }
  for (int64_t line = page->count - 1; line >= 0; line--)
    for (int kind = 0; kind <= MARKS; kind++) {
      if (sums[line].last[kind] == line) next[kind] = line;
      sums[line].next[kind] = next[kind];
    }
}

/* Find the run of lines with the greatest weight of prose (Kadane 1984). */
static Block best_block(const Sums *sums, int64_t count, int row) {
  int64_t best = -1;
  Block block = {0, 0};
  for (int64_t place = 0; place <= count; place++)
    if (sums[place].block[row] - sums[place].least[row] > best)
      best = sums[place].block[row] - sums[place].least[row], block.end = place;
  while (sums[block.start].block[row] != sums[block.end].least[row]) block.start++;
  return block;
}

static float *copy(float *out, const Page *page, int64_t line) {
  if (line < 0 || line >= page->count) memset(out, 0, BASE * sizeof *out);
  else memcpy(out, page->looks[line], BASE * sizeof *out);
  return out + BASE;
}

static float *copy_near(float *out, const Page *page, int64_t line) {
  for (int column = 0; column < NEAR; column++)
    *out++ = line < 0 || line >= page->count ? 0 : page->looks[line][near_by[column]];
  return out;
}

/* Sum weights over windows before and after a line, and give the shares before and after it. */
#define AROUND_OF(field)                                                                        \
  for (int size = 0; size < WINDOWS; size++) {                                                  \
    const int64_t low = at_least(line - windows[size], 0), high = at_most(line + windows[size] + 1, count); \
    *out++ = log_of(tables, sums[line].field - sums[low].field);                                \
    *out++ = log_of(tables, sums[high].field - sums[line + 1].field);                           \
  }                                                                                             \
  *out++ = (float)((double)sums[line].field / (double)at_least(sums[count].field, 1));          \
  *out++ = (float)((double)(sums[count].field - sums[line + 1].field) / (double)at_least(sums[count].field, 1));

static float *marks(const Tables *tables, float *out, const Sums *sums, int64_t line, int kind) {
  const int64_t last = sums[line].last[kind], next = sums[line].next[kind];
  *out++ = tables->logs[last < 0 ? FURTHEST : at_most(line - last, FURTHEST)];
  *out++ = tables->logs[next < 0 ? FURTHEST : at_most(next - line, FURTHEST)];
  return out;
}

/* Tell how far a line is from the last line like the title, and how many such are before and after it. */
static float *after_title(const Tables *tables, float *out, const Sums *sums, int64_t line, int64_t count) {
  const int known = sums[line].last_title >= 0;
  const int64_t last = known ? sums[line].last_title : line;
  const int64_t upto = sums[line + 1].titles, every = sums[count].titles;
  *out++ = log_of(tables, line - last);
  *out++ = log_of(tables, sums[line].prose - sums[last].prose);
  *out++ = (float)known;
  *out++ = every > 0;
  *out++ = (float)at_most(upto, 3);
  *out++ = (float)at_most(every - upto, 3);
  return out;
}

/* Give the log lengths of lines, those at the ends as often again as `AROUND`; NULL without memory. */
static double *log_lengths(const Page *page) {
  double *lengths = malloc((page->count + 2 * AROUND) * sizeof *lengths);
  for (int64_t place = 0; lengths && page->count && place < page->count + 2 * AROUND; place++)
    lengths[place] = page->looks[at_most(at_least(place - AROUND, 0), page->count - 1)][BYTES];
  return lengths;
}

/* Tell how much the log lengths of lines around vary, and those two apart. */
static float *evenness(float *out, const double *window) {
  double mean = 0, squares = 0;
  for (int place = 0; place <= 2 * AROUND; place++) mean += window[place];
  mean /= 2 * AROUND + 1;
  for (int place = 0; place <= 2 * AROUND; place++) squares += (window[place] - mean) * (window[place] - mean);
  *out++ = (float)sqrt(squares / (2 * AROUND + 1));
  *out++ = (float)mean;
  *out++ = (float)(fabs(window[AROUND + 2] - window[AROUND]) + fabs(window[AROUND - 2] - window[AROUND]));
  return out;
}

static float *means(float *out, const Sums *sums, int64_t line, int64_t count) {
  for (int rate = 0; rate < RATES; rate++)
    for (int width = 3; width <= 8; width += 5) {
      const int64_t low = at_least(line - width, 0), high = at_most(line + width + 1, count);
      *out++ = (float)((double)(sums[high].rates[rate] - sums[low].rates[rate]) / (double)((high - low) * parts));
    }
  return out;
}

static float *in_block(float *out, Block block, int64_t line) {
  const int64_t before = line - block.start, after = block.end - 1 - line;
  *out++ = before >= 0 && after >= 0;
  *out++ = (float)fmin(fmax((double)before / 10, -1), 1);
  *out++ = (float)fmin(fmax((double)after / 10, -1), 1);
  return out;
}

/* What is known of a page's lines together. */
typedef struct {
  Sums *sums;
  double *lengths;
  Block blocks[2];
} Known;

static void describe(const Tables *tables, const Page *page, const Known *known, int64_t line, float *out) {
  const Sums *sums = known->sums;
  const int64_t count = page->count;
  out = copy(out, page, line);
  out = copy_near(out, page, line - 2);
  out = copy(out, page, line - 1);
  out = copy(out, page, line + 1);
  out = copy_near(out, page, line + 2);
  AROUND_OF(prose)
  AROUND_OF(titled)
  *out++ = log_of(tables, at_least(sums[count].prose, 1));
  *out++ = log_of(tables, count);
  out = marks(tables, out, sums, line, 0);
  out = after_title(tables, out, sums, line, count);
  for (int kind = 1; kind <= MARKS; kind++) {
    out = marks(tables, out, sums, line, kind);
    *out++ = log_of(tables, sums[line].most[kind - 1]);
    *out++ = (float)((double)sums[line].most[kind - 1] / (double)at_least(sums[count].prose, 1));
  }
  out = evenness(out, known->lengths + line);
  out = means(out, sums, line, count);
  out = in_block(out, known->blocks[0], line);
  in_block(out, known->blocks[1], line);
}

int judge(const Tables *tables, const Page *page, float *likely) {
  Known known = {.sums = malloc((page->count + 1) * sizeof *known.sums), .lengths = log_lengths(page)};
  float(*rows)[COLUMNS] = malloc(TOGETHER * sizeof *rows);
  const int is_room = known.sums && known.lengths && rows;
  if (is_room) {
    run(page, known.sums);
    look_both_ways(page, known.sums);
    for (int row = 0; row < 2; row++) known.blocks[row] = best_block(known.sums, page->count, row);
  }
  for (int64_t done = 0; is_room && done < page->count; done += TOGETHER) {
    const int64_t some = at_most(page->count - done, TOGETHER);
    for (int64_t line = 0; line < some; line++) describe(tables, page, &known, done + line, rows[line]);
    network(tables, rows, some, likely + done);
  }
  free(known.sums), free(known.lengths), free(rows);
  return is_room ? 0 : -1;
}
