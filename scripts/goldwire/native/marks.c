/* Where the words of a text are, by bits: 64 bytes at a time, and no branch for each letter. */

#include "words.h"

#include <stdlib.h>

enum { BEHIND = 128 }; /* bytes, at most, behind a text: up to the next 64 and once more, as hashes read beyond a word */

int make_marks(Marks *marks, int64_t size) {
  const int64_t places = (size >> 6) + 2;
  marks->starts = malloc(places * (2 * sizeof *marks->starts + 64));
  if (!marks->starts) return -1;
  marks->stops = marks->starts + places;
  marks->small = (uint8_t *)(marks->stops + places);
  return 0;
}

void free_marks(Marks *marks) { free(marks->starts); }

/* Mark, of these 64 bytes, those that lead characters of several: ideographs and kana as words by themselves, and the
   letters. Typographic quotes and dashes (U+2000-203F) and Latin-1 signs are none. */
static void mark_beyond(const uint8_t *text, int64_t first, uint64_t beyond, uint64_t *letters, uint64_t *alone) {
  for (; beyond; beyond &= beyond - 1) {
    const int64_t at = first + __builtin_ctzll(beyond);
    const uint8_t lead = text[at];
    if (lead <= 0xC2 || (lead == 0xE2 && text[at + 1] == 0x80)) continue;
    const int size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead >= 0xE3 && lead <= 0xE9) alone[at >> 6] |= (uint64_t)1 << (at & 63);
    else for (int64_t byte = at; byte < at + size; byte++) letters[byte >> 6] |= (uint64_t)1 << (byte & 63);
  }
}

/* Mark letters in `starts`, and ideographs and kana in `stops`. */
static void mark_letters(const Marks *marks, int64_t places) {
  uint8_t letters[64], beyond[64];
  for (int64_t place = 0; place < places; place++) {
    const uint8_t *from = marks->small + 64 * place;
    uint8_t some = 0;
    for (int at = 0; at < 64; at++) {
      letters[at] = ((uint8_t)(from[at] - 'a') < 26) | ((uint8_t)(from[at] - '0') < 10);
      beyond[at] = from[at] >> 7;
      some |= from[at];
    }
    marks->starts[place] |= bits_of(letters);
    if (some >> 7) mark_beyond(marks->small, 64 * place, bits_of(beyond), marks->starts, marks->stops);
  }
}

void mark(const Marks *marks, int64_t size) {
  const int64_t places = (size >> 6) + 1;
  memset(marks->small + size, '\n', BEHIND - (size & 63));
  memset(marks->starts, 0, (places + 1) * sizeof *marks->starts);
  memset(marks->stops, 0, (places + 1) * sizeof *marks->stops);
  mark_letters(marks, places);
  uint64_t letters = 0, alone = 0; /* of the 64 bytes before */
  for (int64_t place = 0; place < places; place++) {
    const uint64_t now = marks->starts[place], its = marks->stops[place], before = now << 1 | letters >> 63;
    marks->starts[place] = (now & ~before) | its;
    marks->stops[place] = (before & ~now) | its << 3 | alone >> 61; /* each has three bytes */
    letters = now, alone = its;
  }
}
