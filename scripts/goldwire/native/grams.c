/* The grams of texts, and which of them are kept: goldwire.shingles and goldwire.sketches. */

#include "words.h"

#include <stdlib.h>

enum { GRAM = 5 }; /* words */

/* The small form of each code point of two or three bytes, where it has as many; of pairs of bytes, 0 where it hangs
   on a third. */
typedef struct {
  const uint16_t *small, *pairs;
} Folding;

/* Lower-case UTF-8 as it lies: letters of two and three bytes whose small form has as many. */
static void fold(const Folding *folding, uint8_t *text, int64_t size) {
  uint8_t any = 0;
  for (int64_t at = 0; at < size; at++) {
    any |= text[at];
    text[at] += 32 * ((uint8_t)(text[at] - 'A') < 26);
  }
  if (any < 0x80) return;
  for (int64_t at = 0; at < size; at++) {
    if (text[at] < 0xC3) continue;
    uint16_t small = folding->pairs[text[at] << 8 | text[at + 1]];
    if (small) {
      text[at] = small >> 8, text[at + 1] = small & 0xFF;
    } else if (at + 2 < size) {
      const uint16_t code = (text[at] & 0xF) << 12 | (text[at + 1] & 0x3F) << 6 | (text[at + 2] & 0x3F);
      small = folding->small[code];
      if (small == code) continue;
      text[at] = 0xE0 | small >> 12, text[at + 1] = 0x80 | (small >> 6 & 0x3F), text[at + 2] = 0x80 | (small & 0x3F);
    }
  }
}

static uint64_t gram(const uint64_t *hashes, int64_t words) {
  uint64_t value = 0;
  for (int64_t word = 0; word < words; word++) value = value * 0x2545F4914F6CDD1D + hashes[word];
  value ^= value >> 29;
  value *= 0xBF58476D1CE4E5B9;
  return value ^ value >> 32;
}

/* Give the grams of a text at their words' places, in `values`: the run of five words that begins there, 0 where it
   would run out; a text of fewer words has one of all of them. Returns how many words there are. */
static int64_t grams_of(const Folding *folding, const uint8_t *text, int64_t size, const Marks *marks,
                        uint64_t *values) {
  memcpy(marks->small, text, size);
  fold(folding, marks->small, size);
  mark(marks, size);
  int64_t count = 0, start, stop;
  for (Walk walk = walk_along(marks, 0, size); next_along(&walk, &start, &stop);)
    values[count++] = hashed(marks->small + start, stop - start);
  for (int64_t word = 0; word + GRAM <= count; word++) values[word] = gram(values + word, GRAM);
  if (count && count < GRAM) values[0] = gram(values, count);
  const int64_t without = count < GRAM ? 1 : count - GRAM + 1; /* the first of them */
  if (count > without) memset(values + without, 0, (count - without) * sizeof *values);
  return count;
}

static int64_t longest(const int64_t *offsets, int64_t texts) {
  int64_t size = 0;
  for (int64_t text = 0; text < texts; text++)
    if (offsets[text + 1] - offsets[text] > size) size = offsets[text + 1] - offsets[text];
  return size;
}

/* Give the grams of texts and the texts + 1 bounds that part them; -1 where memory does not suffice. */
EXPORT int64_t goldwire_grams(const Folding *folding, const uint8_t *data, const int64_t *offsets, int64_t texts,
                              uint64_t *grams, int64_t *bounds) {
  Marks marks;
  if (make_marks(&marks, longest(offsets, texts))) return -1;
  bounds[0] = 0;
  for (int64_t text = 0; text < texts; text++) {
    const int64_t size = offsets[text + 1] - offsets[text];
    bounds[text + 1] = bounds[text] + grams_of(folding, data + offsets[text], size, &marks, grams + bounds[text]);
  }
  free_marks(&marks);
  return bounds[texts];
}

/* Sketch texts: keep the share `rate` of a text's grams, or about `fewest`. Gives how many are kept; -1 where memory
   does not suffice. */
EXPORT int64_t goldwire_sketch(const Folding *folding, const uint8_t *data, const int64_t *offsets, int64_t texts,
                               double rate, double fewest, uint64_t *digests, int64_t *sizes, int64_t *counts,
                               uint64_t *kept) {
  const int64_t room = longest(offsets, texts);
  Marks marks;
  if (make_marks(&marks, room)) return -1;
  uint64_t *grams = malloc((room / 2 + 1) * sizeof *grams);
  if (!grams) return free_marks(&marks), -1;
  int64_t total = 0;
  for (int64_t text = 0; text < texts; text++) {
    const int64_t size = offsets[text + 1] - offsets[text];
    const int64_t words = grams_of(folding, data + offsets[text], size, &marks, grams);
    sizes[text] = words >= GRAM ? words - GRAM + 1 : words > 0;
    const double least = fewest / (double)(sizes[text] > 1 ? sizes[text] : 1);
    const double share = least < rate ? rate : least > 1 ? 1 : least;
    uint64_t floor = (uint64_t)((1 - share) * 0x1p64), digest = 0;
    floor = floor ? floor : 1;
    const int64_t first = total;
    for (int64_t gram = 0; gram < words; gram++) {
      digest += grams[gram];
      kept[total] = grams[gram];
      total += grams[gram] >= floor;
    }
    counts[text] = total - first;
    if (!words) {
      memcpy(marks.small, data + offsets[text], size);
      memset(marks.small + size, 0, sizeof digest); /* which hashes read */
      digest = hashed(marks.small, size);
    }
    digests[text] = digest;
  }
  free_marks(&marks), free(grams);
  return total;
}

/* Count for each text the grams that stand in texts above it, by its bounds; -1 where memory does not suffice. */
EXPORT int64_t goldwire_above(const uint64_t *grams, const int64_t *bounds, int64_t texts, int64_t *above) {
  int64_t room = 16;
  while (room < 2 * bounds[texts]) room *= 2;
  uint64_t *seen = calloc(room, sizeof *seen); /* no gram is 0 */
  if (!seen) return -1;
  for (int64_t text = 0; text < texts; text++) {
    above[text] = 0;
    for (int turn = 0; turn < 2; turn++) /* it is looked for before any of its own are added */
      for (int64_t gram = bounds[text]; gram < bounds[text + 1]; gram++) {
        int64_t at = grams[gram] & (room - 1);
        while (seen[at] && seen[at] != grams[gram]) at = (at + 1) & (room - 1);
        if (turn) seen[at] = grams[gram];
        else above[text] += seen[at] != 0;
      }
  }
  free(seen);
  return texts;
}
