/* What lines are known again by: goldwire.recurring. */

#include "words.h"

enum { SHORTEST = 3, LONGEST = 300 }; /* letters */

static uint64_t mixed(uint64_t value) { /* splitmix64's finaliser */
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
  value = (value ^ value >> 27) * 0x94D049BB133111EB;
  return value ^ value >> 31;
}

static uint64_t key_of(const uint64_t *places, uint8_t *letters, int64_t size) {
  if (size < SHORTEST || size > LONGEST) return 0;
  memset(letters + size, 0, 8);
  uint64_t total = 0;
  for (int64_t at = 0, place = 0; at < size; at += 8, place++) total += mixed(eight(letters + at, 8) ^ places[place]);
  return mixed(total);
}

/* Give a key for each line of a text; `folded` has each byte's form, a line end for both, 0 for what is left out. */
EXPORT int64_t goldwire_keys(const uint8_t *folded, const uint8_t *data, int64_t size, uint64_t *keys) {
  uint64_t places[LONGEST / 8 + 1];
  uint8_t letters[LONGEST + 1 + 8], before = 0;
  int64_t count = 0, lines = 0;
  for (int place = 0; place <= LONGEST / 8; place++) places[place] = mixed(place + 1);
  for (int64_t at = 0; at < size; at++) {
    const uint8_t letter = folded[data[at]];
    letters[count] = letter; /* without a branch: every fifth letter is a blank, which is left out */
    const uint8_t all = (uint8_t)-(letter != 0);
    count += all & ((letter != '0') | (before != '0'));
    before = (uint8_t)((letter & all) | (before & ~all));
    if (letter == '\n') {
      keys[lines++] = key_of(places, letters, count - 1);
      count = before = 0;
    } else if (letter == 0xC2 || letter == 0xE2 || letter == 0xEF) {
      /* In UTF-8, blanks, punctuation and signs that are not ASCII begin with these; what was before them stays so. */
      count--, before = count ? letters[count - 1] : 0;
      at += letter == 0xC2 ? 1 : 2;
    } else if (count > LONGEST) {
      while (at + 1 < size && folded[data[at + 1]] != '\n') at++; /* the rest of a line that has no key */
    }
  }
  keys[lines++] = key_of(places, letters, count);
  return lines;
}
