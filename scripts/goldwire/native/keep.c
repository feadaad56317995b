/* Which lines of pages are body: goldwire.kept. */

#include "page.h"
#include "words.h"

#include <string.h>

/* Keep a page's likely lines, and an unlikely one between two. */
static void keep_likely(const Limits *limits, const float *likely, int64_t count, uint8_t *kept) {
  float best = 0;
  for (int64_t line = 0; line < count; line++) best = likely[line] > best ? likely[line] : best;
  const double least = limits->of_best * best;
  const float floor = (float)(least < limits->likely ? least : limits->likely), between = (float)limits->between;
  for (int64_t line = 0; line < count; line++) kept[line] = likely[line] > floor;
  int before = count && kept[0];
  for (int64_t line = 1; line + 1 < count; line++) {
    const int own = kept[line];
    kept[line] |= before && kept[line + 1] && likely[line] > between;
    before = own;
  }
}

static double weight_of(float likely, int64_t words) { return (double)(likely * (float)(words + 1)); }

/* Drop runs of kept lines that are small beside the page's largest, and all where they are no article. */
static void drop_small(const Limits *limits, const float *likely, const int64_t *words, int64_t count, uint8_t *kept) {
  double largest = 0;
  for (int turn = 0; turn < 2; turn++)
    for (int64_t line = 0; line < count;) {
      if (!kept[line]) {
        line++;
        continue;
      }
      double weight = 0;
      int64_t first = line, last = line;
      for (; line < count && line - last <= limits->gap; line++)
        if (kept[line]) weight += weight_of(likely[line], words[line]), last = line;
      if (!turn) largest = weight > largest ? weight : largest;
      else if (weight < limits->small * largest) memset(kept + first, 0, last + 1 - first);
      line = last + 1;
    }
  int64_t total = 0;
  for (int64_t line = 0; line < count; line++) total += kept[line] ? words[line] : 0;
  if (total < limits->fewest) memset(kept, 0, count);
}

void keep(const Limits *limits, const float *likely, const int64_t *words, int64_t count, uint8_t *kept) {
  keep_likely(limits, likely, count, kept);
  drop_small(limits, likely, words, count, kept);
}

/* Choose the lines of pages that are body; `bounds` (pages + 1) tell which are whose. */
EXPORT int64_t goldwire_keep(const Limits *limits, const float *likely, const int64_t *words, const int64_t *bounds,
                             int64_t pages, uint8_t *kept) {
  for (int64_t page = 0; page < pages; page++) {
    const int64_t first = bounds[page];
    keep(limits, likely + first, words + first, bounds[page + 1] - first, kept + first);
  }
  return bounds[pages];
}
