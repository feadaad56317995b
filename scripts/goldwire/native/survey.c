/* What may be odd in a text: goldwire.coded. */

#include "words.h"

enum { PAIRS = 7, OTHERS = 0x28, BEFORE_SPACE = 1 << 4, UNUSUAL = 1 << 5, BLANKS = 1 << 6 };
enum { ASTRAL = 1 << 16, FIRST_EMOJI = 0x1F300, LAST_EMOJI = 0x1FAFF };

/* Tell whether ASCII has blanks at an end, two side by side that are not line ends, or controls: written so that
   compilers make wide instructions of it. */
static int has_blanks(const uint8_t *data, int64_t size) {
  if (!size || data[0] == ' ' || data[0] == '\n' || data[size - 1] == ' ' || data[size - 1] == '\n') return 1;
  uint8_t found = 0;
  for (int64_t at = 0; at < size; at++) {
    const uint8_t byte = data[at], next = data[at + 1]; /* a 0 is behind the last */
    const uint8_t space = byte == ' ', end = byte == '\n';
    found |= (uint8_t)((byte < ' ') & !end) | (byte == 0x7F);
    found |= (uint8_t)((space & ((next == ' ') | (next == '\n'))) | (end & (next == ' ')));
  }
  return found;
}

static int64_t next_beyond(const uint8_t *data, int64_t at, int64_t size) {
  for (; at + 8 <= size; at += 8)
    if (eight(data + at, 8) & 0x8080808080808080) break;
  while (at < size && data[at] < 0x80) at++;
  return at;
}

/* Look for it in valid UTF-8. `kinds` tell of code points which pairs they may be the second of (bits 0 to 2) or the
   first (8 to 10), what is odd by itself (3 and 5), what is before a space (15). */
EXPORT int64_t goldwire_survey(const uint16_t *kinds, const uint8_t *data, int64_t size) {
  int64_t found = has_blanks(data, size) ? BLANKS : 0;
  for (int64_t at = 0; (at = next_beyond(data, at, size)) < size;) {
    unsigned before = 0;
    while (at < size && data[at] >= 0x80) {
      const uint8_t byte = data[at];
      uint32_t code;
      if (byte < 0xE0) code = (byte & 0x1F) << 6 | (data[at + 1] & 0x3F), at += 2;
      else if (byte < 0xF0) code = (byte & 0xF) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), at += 3;
      else code = (byte & 7) << 18 | (data[at + 1] & 0x3F) << 12 | (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F), at += 4;
      const int is_emoji = code >= FIRST_EMOJI && code <= LAST_EMOJI;
      const unsigned kind = is_emoji ? 0 : kinds[code < ASTRAL ? code : ASTRAL];
      found |= (kind & OTHERS) | (before >> 8 & kind & PAIRS);
      before = kind;
    }
    if (before >> 15 && at < size && data[at] == ' ') found |= BEFORE_SPACE;
  }
  return found;
}

/* Turn places in characters of valid UTF-8 into bytes. It is walked through once for each stretch of rising places. */
EXPORT int64_t goldwire_bytes_at(const uint8_t *data, int64_t size, int64_t *places, int64_t count) {
  const uint64_t ones = 0x0101010101010101;
  int64_t at = 0, characters = 0; /* those that begin before `at`, which is within none */
  for (int64_t each = 0; each < count; each++) {
    const int64_t place = places[each];
    if (place < characters) at = characters = 0;
    while (at + 16 <= size && characters + 8 <= place) {
      const uint64_t some = eight(data + at, 8);
      characters += 8 - (int64_t)((some >> 7 & ~(some >> 6) & ones) * ones >> 56);
      for (at += 8; (data[at] & 0xC0) == 0x80; at++) continue;
    }
    while (at < size && characters < place) {
      for (at++; at < size && (data[at] & 0xC0) == 0x80; at++) continue;
      characters++;
    }
    places[each] = at;
  }
  return count;
}
