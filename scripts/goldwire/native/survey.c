/* What may be odd in a text: goldwire.coded. */

#include "words.h"

enum { PAIRS = 7, OTHERS = 0x28, BEFORE_SPACE = 1 << 4, UNUSUAL = 1 << 5, BLANKS = 1 << 6 };
enum { SPACE = 3, MOST = 4, ASTRAL = 1 << 16, FIRST_EMOJI = 0x1F300, LAST_EMOJI = 0x1FAFF };

/* Look for it in valid UTF-8. `ascii` tells what its bytes are; `kinds` of code points which pairs they may be the second
   of (bits 0 to 2) or the first (8 to 10), what is odd by itself (3 and 5), what is before a space (15). */
EXPORT int64_t goldwire_survey(const uint8_t *ascii, const uint16_t *kinds, const uint8_t *data, int64_t size) {
  int64_t found = 0;
  unsigned before = 0, blank = SPACE;
  for (int64_t at = 0; at < size;) {
    const uint8_t byte = data[at];
    if (byte < 0x80) {
      if (blank + ascii[byte] > MOST) found |= BLANKS;
      if (before >> 15 && byte == ' ') found |= BEFORE_SPACE;
      blank = ascii[byte], before = 0, at++;
      continue;
    }
    uint32_t code;
    if (byte < 0xE0) code = (byte & 0x1F) << 6 | (data[at + 1] & 0x3F), at += 2;
    else if (byte < 0xF0) code = (byte & 0xF) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), at += 3;
    else code = (byte & 7) << 18 | (data[at + 1] & 0x3F) << 12 | (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F), at += 4;
    const int is_emoji = code >= FIRST_EMOJI && code <= LAST_EMOJI;
    const unsigned kind = is_emoji ? 0 : kinds[code < ASTRAL ? code : ASTRAL];
    found |= (kind & OTHERS) | (before >> 8 & kind & PAIRS);
    before = kind, blank = 0;
  }
  return blank + SPACE > MOST ? found | BLANKS : found;
}
