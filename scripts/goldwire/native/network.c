/* How likely each line is the journalist's: goldwire.model, by the processor's wide registers where it has them. */

#include "page.h"

#include <math.h>
#include <string.h>

enum { AT_ONCE = 64, LANES = 8, MOST = 1024 };
typedef float Lanes __attribute__((vector_size(4 * LANES), aligned(4)));
static const float furthest = 5;

/* What a row's columns that are not 0 add to each unit's sum, `AT_ONCE` units at a time, whose sums stay in registers. */
#define PRODUCTS(NAME, TARGET)                                                                                    \
  TARGET static void NAME(const Tables *tables, const float *values, const int *columns, int some, float *sums) { \
    for (int64_t first = 0; first < tables->units; first += AT_ONCE) {                                            \
      Lanes total[AT_ONCE / LANES];                                                                               \
      memcpy(total, tables->at_zero + first, sizeof total);                                                       \
      for (int each = 0; each < some; each++) {                                                                   \
        const float value = values[columns[each]];                                                                        \
        const Lanes *weights = (const Lanes *)(tables->hidden + columns[each] * tables->units + first);           \
        for (int part = 0; part < AT_ONCE / LANES; part++) total[part] += weights[part] * value;                  \
      }                                                                                                           \
      memcpy(sums + first, total, sizeof total);                                                                  \
    }                                                                                                             \
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

static void products(const Tables *tables, const float *values, const int *columns, int some, float *sums) {
#if defined(__x86_64__)
  static int wide = -1; /* asked once: where machines are virtual, asking takes longer than a page */
  if (wide < 0) wide = is_wide();
  if (wide) {
    products_of_wide(tables, values, columns, some, sums);
    return;
  }
#endif
  products_of_any(tables, values, columns, some, sums);
}

static float answer(const Tables *tables, const float *sums) {
  const int64_t units = tables->units / tables->networks;
  float total = 0;
  for (int64_t each = 0; each < tables->networks; each++) {
    float logit = 0;
    for (int64_t unit = each * units; unit < (each + 1) * units; unit++)
      logit += (sums[unit] > 0 ? sums[unit] : 0) * tables->out[unit];
    total += 1 / (1 + expf(-(logit + tables->out_bias[each])));
  }
  return total / (float)tables->networks;
}

void network(const Tables *tables, float (*rows)[COLUMNS], int64_t count, float *likely) {
  float sums[MOST], values[COLUMNS];
  int columns[COLUMNS];
  for (int64_t row = 0; row < count; row++) {
    const float *looks = rows[row];
    for (int column = 0; column < COLUMNS; column++) {
      const float value = (looks[column] - tables->middle[column]) * tables->scale[column];
      const float above = value > -furthest ? value : -furthest;
      values[column] = (above < furthest ? above : furthest) - tables->zero[column];
    }
    int some = 0; /* six in ten are 0: what those add is known beforehand */
    for (int column = 0; column < COLUMNS; column++) {
      columns[some] = column;
      some += looks[column] != 0;
    }
    products(tables, values, columns, some, sums);
    likely[row] = answer(tables, sums);
  }
}
