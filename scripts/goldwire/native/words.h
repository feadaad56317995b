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

/* What a character is: what parts words; a letter or digit, of one byte and of several; a word by itself. */
enum { APART, PLAIN, FURTHER, ALONE };
static const uint8_t part_of_word[256] = {
  ['0' ... '9'] = PLAIN, ['A' ... 'Z'] = PLAIN, ['a' ... 'z'] = PLAIN, [0x80 ... 0xC1] = FURTHER,
  [0xC3 ... 0xE2] = FURTHER, [0xE3 ... 0xE9] = ALONE, [0xEA ... 0xFF] = FURTHER};

/* Typographic quotes and dashes (U+2000-203F) and Latin-1 signs part words; an ideograph or kana is one. */
static inline int kind_of(const uint8_t *at) { return *at == 0xE2 && at[1] == 0x80 ? APART : part_of_word[*at]; }

/* Find the next word at or after a place, and before `end`, where something stands that parts words; give where to go
   on, or -1 where there is none. */
static inline int64_t next_word(const uint8_t *text, int64_t at, int64_t end, int64_t *start, int64_t *stop) {
  *start = -1;
  while (at < end) {
    const uint8_t byte = text[at];
    const int kind = kind_of(text + at);
    if (kind == PLAIN) {
      if (*start < 0) *start = at;
      do at++;
      while (part_of_word[text[at]] == PLAIN);
      continue;
    }
    const int size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (*start >= 0 && kind != FURTHER) return *stop = at;
    if (kind == ALONE) return *start = at, *stop = at + size;
    if (kind == FURTHER && *start < 0) *start = at;
    at += size;
  }
  *stop = end;
  return *start >= 0 ? end : -1;
}

/* A text in small letters, and by bits, one a byte of it: where a word begins or ends, but for ideographs and kana, which
   are words by themselves, and where those are. */
typedef struct {
  uint8_t *small;
  uint64_t *turns, *alone;
} Marks;

/* Make room for a text, to be written into `small`; 0, or -1 without memory. */
int make_marks(Marks *marks, int64_t size);
void free_marks(Marks *marks);

/* Mark the words of a text. Line ends are put behind it. */
void mark(const Marks *marks, int64_t size);

/* A walk along the words of a stretch, at both ends of which something parts words. */
typedef struct {
  const uint8_t *text;
  const uint64_t *turns; /* NULL where it goes by letters */
  int64_t at, end;       /* `at` in 64 bytes, where it goes by bits */
  uint64_t left;         /* of these */
} Walk;

static inline int is_any(const uint64_t *bits, int64_t start, int64_t end) {
  uint64_t found = 0;
  for (int64_t place = start >> 6; place <= (end - 1) >> 6; place++) {
    uint64_t some = bits[place];
    if (place == start >> 6) some &= ~(uint64_t)0 << (start & 63);
    if (place == end >> 6) some &= ~(~(uint64_t)0 << (end & 63));
    found |= some;
  }
  return found != 0;
}

static inline Walk walk_along(const Marks *marks, int64_t start, int64_t end) {
  if (start < end && is_any(marks->alone, start, end)) return (Walk){marks->small, NULL, start, end, 0};
  const int64_t at = start >> 6;
  return (Walk){marks->small, marks->turns, at, end, marks->turns[at] & ~(uint64_t)0 << (start & 63)};
}

/* Give the next word; 0 where there is none. */
static inline int next_along(Walk *walk, int64_t *start, int64_t *stop) {
  if (!walk->turns) return (walk->at = next_word(walk->text, walk->at, walk->end, start, stop)) >= 0;
  for (; !walk->left; walk->left = walk->turns[walk->at])
    if (++walk->at << 6 >= walk->end) return 0;
  *start = walk->at << 6 | __builtin_ctzll(walk->left), walk->left &= walk->left - 1;
  if (*start >= walk->end) return 0;
  while (!walk->left) walk->left = walk->turns[++walk->at];
  *stop = walk->at << 6 | __builtin_ctzll(walk->left), walk->left &= walk->left - 1;
  return 1;
}

#endif
