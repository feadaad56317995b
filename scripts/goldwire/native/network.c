/* How likely each line is the journalist's: goldwire.model, by the processor's wide registers where it has them. */

#include "page.h"

#include <math.h>
#include <string.h>

enum { AT_ONCE = 4, LANES = 8, MOST = 1024 };
typedef float Lanes __attribute__((vector_size(4 * LANES), aligned(4)));
static const float furthest = 5;

/* The products of a few rows with all units, two registers of units at a time, whose sums stay in registers. */
#define PRODUCTS(NAME, TARGET)                                                                      \
  TARGET static void NAME(const Tables *tables, float (*rows)[COLUMNS], float (*sums)[MOST]) {      \
    const int64_t units = tables->units;                                                            \
    for (int64_t first = 0; first < units; first += 2 * LANES) {                                    \
      Lanes low[AT_ONCE] = {{0}}, high[AT_ONCE] = {{0}};                                            \
      for (int column = 0; column < COLUMNS; column++) {                                            \
        const float *weights = tables->hidden + column * units + first;                             \
        const Lanes one = *(const Lanes *)weights, other = *(const Lanes *)(weights + LANES);       \
        for (int row = 0; row < AT_ONCE; row++) {                                                   \
          low[row] += one * rows[row][column];                                                      \
          high[row] += other * rows[row][column];                                                   \
        }                                                                                           \
      }                                                                                             \
      for (int row = 0; row < AT_ONCE; row++) {                                                     \
        memcpy(sums[row] + first, low + row, sizeof(Lanes));                                        \
        memcpy(sums[row] + first + LANES, high + row, sizeof(Lanes));                               \
      }                                                                                             \
    }                                                                                               \
  }

PRODUCTS(products_of_any, )

#if defined(__x86_64__)
#include <cpuid.h>

PRODUCTS(products_of_wide, __attribute__((target("avx2,fma"))))

/* Tell whether the processor has AVX2 and FMA, and the system keeps their registers. (Not by __builtin_cpu_supports:
   what zig links in for it says no of every processor.) */
static int is_wide(void) {
  unsigned one, two, three, four;
  if (!__get_cpuid(1, &one, &two, &three, &four) || !(three & bit_FMA) || !(three & bit_OSXSAVE)) return 0;
  __asm__("xgetbv" : "=a"(one), "=d"(four) : "c"(0));
  return (one & 6) == 6 && __get_cpuid_count(7, 0, &one, &two, &three, &four) && (two & bit_AVX2);
}
#endif

static void products(const Tables *tables, float (*rows)[COLUMNS], float (*sums)[MOST]) {
#if defined(__x86_64__)
  static int wide = -1; /* asked once: where machines are virtual, asking takes longer than a page */
  if (wide < 0) wide = is_wide();
  if (wide) {
    products_of_wide(tables, rows, sums);
    return;
  }
#endif
  products_of_any(tables, rows, sums);
}

static float answer(const Tables *tables, const float *sums) {
  const int64_t units = tables->units / tables->networks;
  float total = 0;
  for (int64_t each = 0; each < tables->networks; each++) {
    float logit = 0;
    for (int64_t unit = each * units; unit < (each + 1) * units; unit++) {
      const float value = sums[unit] + tables->hidden_bias[unit];
      logit += (value > 0 ? value : 0) * tables->out[unit];
    }
    total += 1 / (1 + expf(-(logit + tables->out_bias[each])));
  }
  return total / (float)tables->networks;
}

void network(const Tables *tables, float (*rows)[COLUMNS], int64_t count, float *likely) {
  float sums[AT_ONCE][MOST], some[AT_ONCE][COLUMNS] = {{0}};
  for (int64_t done = 0; done < count; done += AT_ONCE) {
    for (int row = 0; row < AT_ONCE && done + row < count; row++)
      for (int column = 0; column < COLUMNS; column++) {
        const float value = (rows[done + row][column] - tables->middle[column]) * tables->scale[column];
        some[row][column] = value < -furthest ? -furthest : value > furthest ? furthest : value;
      }
    products(tables, some, sums);
    for (int row = 0; row < AT_ONCE && done + row < count; row++) likely[done + row] = answer(tables, sums[row]);
  }
}
