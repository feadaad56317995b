/* What may be odd in a text: goldwire.coded. */

#include "words.h"

/* What is found; and of a code point, the second of which pairs it may be (the first by 8 bits above), what is odd by
   itself, a further character of a sequence, or one that leads one of three or four, the two that begin a quote, and
   what is before a space. */
enum { PAIRS = 0x27, BEFORE_SPACE = 1 << 4, SEQUENCE = 1 << 5, SUSPECTS = 0x3F, BLANKS = 1 << 7 };
enum { BY_ITSELF = 0x48, FURTHER_ONE = 1 << 7, LEADS = 11, BEGINS = 14, GOES_ON = 4 };
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

/* Look for it in a stretch of valid UTF-8, but for blanks. */
static int64_t look_into(const uint16_t *kinds, const uint8_t *data, int64_t start, int64_t end) {
  int64_t found = 0;
  for (int64_t at = start; (at = next_beyond(data, at, end)) < end;) {
    unsigned before = 0, left = 0; /* further characters that the sequence still needs */
    while (at < end && data[at] >= 0x80) {
      const uint8_t byte = data[at];
      uint32_t code;
      if (byte < 0xE0) code = (byte & 0x1F) << 6 | (data[at + 1] & 0x3F), at += 2;
      else if (byte < 0xF0) code = (byte & 0xF) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), at += 3;
      else code = (byte & 7) << 18 | (data[at + 1] & 0x3F) << 12 | (data[at + 2] & 0x3F) << 6 | (data[at + 3] & 0x3F), at += 4;
      const int is_emoji = code >= FIRST_EMOJI && code <= LAST_EMOJI;
      const unsigned kind = is_emoji ? 0 : kinds[code < ASTRAL ? code : ASTRAL], lead = kind >> LEADS & 3;
      found |= (kind & BY_ITSELF) | (before >> 8 & kind & PAIRS);
      if (left && kind & FURTHER_ONE) found |= --left ? 0 : SEQUENCE;
      else left = lead ? lead + 1 : 0;
      if (before >> BEGINS & kind >> GOES_ON & 1) found |= SEQUENCE;
      before = kind;
    }
    if (before >> 15 && at < end && data[at] == ' ') found |= BEFORE_SPACE;
  }
  return found;
}

/* Look for all of it in valid UTF-8. */
EXPORT int64_t goldwire_survey(const uint16_t *kinds, const uint8_t *data, int64_t size) {
  return look_into(kinds, data, 0, size) | (has_blanks(data, size) ? BLANKS : 0);
}

/* Give of each line that has what mojibake has where it starts and ends, in characters; and how many these are. */
EXPORT int64_t goldwire_suspects(const uint16_t *kinds, const uint8_t *data, int64_t size, int64_t *lines) {
  int64_t count = 0, characters = 0;
  for (int64_t start = 0, end; start < size; start = end + 1) {
    const uint8_t *next = memchr(data + start, '\n', size - start);
    end = next ? next - data : size;
    int64_t length = 0;
    for (int64_t at = start; at < end; at++) length += (data[at] & 0xC0) != 0x80;
    if (look_into(kinds, data, start, end) & SUSPECTS) {
      lines[2 * count] = characters;
      lines[2 * count++ + 1] = characters + length;
    }
    characters += length + 1;
  }
  return count;
}
