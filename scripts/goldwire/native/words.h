/* Words and their hashes: goldwire.shingles. A word is a run of letters and digits; each ideograph or kana is one. */

#ifndef GOLDWIRE_WORDS_H
#define GOLDWIRE_WORDS_H

#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* The first `size` of eight bytes, as a number; all eight are read. */
static inline uint64_t eight(const uint8_t *from, int64_t size) {
  uint64_t word;
  memcpy(&word, from, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word & (~(uint64_t)0 >> (size < 8 ? 64 - 8 * size : 0));
}

/* Sixty-four flags, each a byte of 0 or 1, as bits. */
static inline uint64_t bits_of(const uint8_t *flags) {
  uint64_t bits = 0;
  for (int eighth = 0; eighth < 8; eighth++)
    bits |= (eight(flags + 8 * eighth, 8) * 0x0102040810204080 >> 56) << 8 * eighth;
  return bits;
}

/* Up to seven bytes behind the word are read. */
static inline uint64_t hashed(const uint8_t *word, int64_t size) {
  const uint64_t step = 0xD6E8FEB86659FD93, last = 0x9E3779B97F4A7C15;
  uint64_t hash = eight(word, size);
  hash ^= hash >> 29;
  hash *= step;
  while (size > 8) {
    word += 8, size -= 8;
    hash ^= eight(word, size) ^ hash >> 32;
    hash *= step;
  }
  hash ^= hash >> 32;
  hash *= last;
  return hash ^ hash >> 29;
}

/* A text in small letters, and by bits, one a byte of it: where words begin, and where they have ended. */
typedef struct {
  uint8_t *small;
  uint64_t *starts, *stops;
} Marks;

/* Make room for a text, to be written into `small`; 0, or -1 without memory. */
int make_marks(Marks *marks, int64_t size);
void free_marks(Marks *marks);

/* Mark the words of a text. Line ends are put behind it. */
void mark(const Marks *marks, int64_t size);

/* A walk along the words of a stretch, at both ends of which something parts words: the bits that are left of 64 bytes,
   and which those are. */
typedef struct {
  const uint64_t *starts, *stops;
  uint64_t left, left_stops;
  int64_t at, at_stop, end;
} Walk;

static inline Walk walk_along(const Marks *marks, int64_t start, int64_t end) {
  const int64_t at = start >> 6;
  const uint64_t mask = ~(uint64_t)0 << (start & 63);
  return (Walk){marks->starts, marks->stops, marks->starts[at] & mask, marks->stops[at] & mask, at, at, end};
}

/* Give the next word; 0 where there is none. */
static inline int next_along(Walk *walk, int64_t *start, int64_t *stop) {
  for (; !walk->left; walk->left = walk->starts[walk->at])
    if (++walk->at << 6 >= walk->end) return 0;
  *start = walk->at << 6 | __builtin_ctzll(walk->left), walk->left &= walk->left - 1;
  if (*start >= walk->end) return 0;
  while (!walk->left_stops) walk->left_stops = walk->stops[++walk->at_stop];
  *stop = walk->at_stop << 6 | __builtin_ctzll(walk->left_stops), walk->left_stops &= walk->left_stops - 1;
  return 1;
}

#endif
