/* What of a line's words stands elsewhere on its page: goldwire.lines and goldwire.sight. */

#include "page.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 12, WORDY = 20 };
/* goldwire.sight has them, too */
enum { SAID = 1, QUOTED = 2, FEWEST_BLANKS = 2, MOST_WORDS = 200, MOST_PAIRS = 1 << 22 };

/* Mark lines whose words another line has in the same order. */
static int repeats(const Page *page) {
  int64_t room = 16;
  while (room < 2 * page->count) room *= 2;
  int64_t *seen = malloc(room * sizeof *seen);
  uint64_t *whole = malloc((page->count + 1) * sizeof *whole);
  if (!seen || !whole) return free(seen), free(whole), -1;
  memset(seen, -1, room * sizeof *seen);
  for (int64_t line = 0; line < page->count; line++) {
    uint64_t total = 0, place = 0;
    for (int64_t word = page->bounds[line]; word < page->bounds[line + 1]; word++)
      total += page->hashes[word] * ++place;
    whole[line] = total;
    int64_t at = (int64_t)(total * 0x9E3779B97F4A7C15 >> 20) & (room - 1);
    while (seen[at] >= 0 && whole[seen[at]] != total) at = (at + 1) & (room - 1);
    if (seen[at] < 0) seen[at] = line;
    else page->looks[line][REPEATS] = page->looks[seen[at]][REPEATS] = 1;
  }
  free(seen), free(whole);
  return 0;
}

/* What of the words of one bucket is known: whether one stands on the page once and again, in its long lines once and
   again, and in its first line; above these bits, how many words the longest line with one has, up to 255. */
typedef uint16_t Bucket;
enum { ONCE = 1, CORE_ONCE = 4, IN_FIRST = 16, LONGEST = 8 };

static void fill(Page *page, Bucket *buckets) {
  memset(buckets, 0, BUCKETS * sizeof *buckets);
  for (int64_t line = 0; line < page->count; line++) {
    const int core = page->number[line] >= WORDY ? CORE_ONCE : 0, first = line ? 0 : IN_FIRST;
    const int size = (int)(page->number[line] < 255 ? page->number[line] : 255) << LONGEST;
    page->bits[line] = 0;
    for (int64_t word = page->bounds[line]; word < page->bounds[line + 1]; word++) {
      Bucket *bucket = buckets + (page->hashes[word] >> 52);
      page->bits[line] |= (uint64_t)1 << (page->hashes[word] & 63);
      const int flags = *bucket | (*bucket & (ONCE | core)) << 1 | ONCE | core | first;
      *bucket = (Bucket)((flags & 0xFF) | (*bucket > size ? *bucket & 0xFF00 : size));
    }
  }
}

/* Count each line's words that the page's first line has, that its long lines have, by class, and those said once. */
static int counted(const Tables *tables, Page *page, const Bucket *buckets, uint8_t *said) {
  const double least = 0.5 * (double)(page->number[0] > 1 ? page->number[0] : 1);
  for (int64_t line = 0; line < page->count; line++) {
    const int64_t number = page->number[line];
    const float per_word = 1 / (float)(number > 1 ? number : 1);
    const int core = number >= WORDY ? CORE_ONCE << 1 : CORE_ONCE; /* not counting the line itself */
    int64_t own = 0, common = 0, alone = 0, hits[CLASS_COUNT + 1] = {0};
    for (int64_t word = page->bounds[line]; word < page->bounds[line + 1]; word++) {
      const int bucket = buckets[page->hashes[word] >> 52];
      own += (bucket & IN_FIRST) > 0;
      common += (bucket & core) > 0;
      alone += !(bucket & ONCE << 1);
      hits[number_of(&tables->classes, page->hashes[word])]++;
    }
    float *looks = page->looks[line];
    looks[IN_TITLE] = (float)((double)own * per_word);
    looks[IN_CORE] = (float)((double)common * per_word);
    looks[REPEATS] = 0;
    looks[IS_TITLE] = line && own >= 3 && (double)own >= 0.85 * (double)number && (double)own >= least;
    for (int class = 0; class < CLASS_COUNT; class++) looks[CLASSES + class] = (float)hits[class + 1] * per_word;
    said[line] = alone ? 0 : SAID;
  }
  return repeats(page);
}

/* Tell whether each word of a line stands in a longer one: else none has them all. */
static int may_be_held(const Page *page, const Bucket *buckets, int64_t line) {
  int64_t longest = 255;
  for (int64_t word = page->bounds[line]; word < page->bounds[line + 1]; word++) {
    const int64_t size = buckets[page->hashes[word] >> 52] >> LONGEST;
    longest = size < longest ? size : longest;
  }
  return longest > page->number[line];
}

/* Tell whether a longer line has all words of one. */
static int holds(const Page *page, int64_t other, int64_t line) {
  if (page->number[other] <= page->number[line] || (page->bits[line] & ~page->bits[other])) return 0;
  for (int64_t word = page->bounds[line]; word < page->bounds[line + 1]; word++) {
    int64_t at = page->bounds[other];
    while (at < page->bounds[other + 1] && page->hashes[at] != page->hashes[word]) at++;
    if (at == page->bounds[other + 1]) return 0;
  }
  return 1;
}

static int may_quote(const Page *page, const uint8_t *data, int64_t line) {
  if (!page->number[line] || page->number[line] > MOST_WORDS) return 0;
  int64_t blanks = 0;
  for (int64_t at = page->start[line]; at < page->end[line]; at++) blanks += data[at] == ' ';
  return blanks >= FEWEST_BLANKS;
}

/* Tell of the short lines whose words are said twice which have all of them in one longer line: goldwire.sight. */
static void quotes(const Page *page, const uint8_t *data, const Bucket *buckets, const int64_t *may, uint8_t *said) {
  int64_t able = 0;
  for (int64_t line = 0; line < page->count; line++)
    if (said[line] && may_quote(page, data, line)) said[line] |= QUOTED, able++;
  /* Where it is too much work to look who quotes whom, all may. */
  for (int64_t line = 0; line < page->count && able * page->count <= MOST_PAIRS; line++) {
    if (!(said[line] & QUOTED)) continue;
    int64_t other = may_be_held(page, buckets, line) ? 0 : page->count;
    while (other < page->count && !holds(page, other, line)) other++;
    if (other == page->count) said[line] &= ~QUOTED;
  }
  /* Where signs are taken for parts of words, none can be told. */
  for (int64_t line = 0; line < page->count; line++)
    if (may[line] < 0) said[line] = SAID | QUOTED;
}

int look_around(const Tables *tables, const uint8_t *data, Page *page, const int64_t *may, uint8_t *said) {
  Bucket buckets[BUCKETS];
  fill(page, buckets);
  if (counted(tables, page, buckets, said)) return -1;
  quotes(page, data, buckets, may, said);
  return 0;
}
