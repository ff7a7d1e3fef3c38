/* examples/c: a small SPI NOR in RAM, as strict as a real one is silent: programs clear bits only, never cross a page,
 * erases are whole sectors. Counts what is done to it, and can be told to fail. */
#ifndef EXAMPLES_C_SPI_NOR_H
#define EXAMPLES_C_SPI_NOR_H

#include "examples/c/patch_flow.h"

#ifdef __cplusplus
extern "C" {
#endif

struct flow_flash {
    uint8_t cells[FLOW_FLASH_BYTES];
    unsigned erases;
    unsigned programs;
    unsigned fails_at; /* the number of the program or erase that fails; 0: none */
    bool rule_broken;  /* something was asked that a part of this kind does wrongly without saying so */
};

void spi_nor_erase_all(struct flow_flash* flash);

#ifdef __cplusplus
}
#endif

#endif
