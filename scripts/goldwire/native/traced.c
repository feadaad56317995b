/* Where the characters of a text lie in its bytes: goldwire.traced. */

#include "words.h"

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
