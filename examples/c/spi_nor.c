#include "examples/c/spi_nor.h"

#include <string.h>

enum { sector_bytes = 4096, page_bytes = 256 };

static bool holds(uint32_t at, size_t bytes) {
    return at <= FLOW_FLASH_BYTES && bytes <= FLOW_FLASH_BYTES - at;
}

static int broken(flow_flash* flash) {
    flash->rule_broken = true;
    return -1;
}

static bool fails_now(const flow_flash* flash) {
    return flash->fails_at != 0 && flash->erases + flash->programs == flash->fails_at;
}

void spi_nor_erase_all(flow_flash* flash) {
    memset(flash, 0, sizeof *flash);
    memset(flash->cells, 0xFF, sizeof flash->cells);
}

int flow_flash_read(flow_flash* flash, uint32_t at, void* to, size_t bytes) {
    if (!holds(at, bytes)) return broken(flash);
    if (bytes != 0) memcpy(to, flash->cells + at, bytes);
    return 0;
}

int flow_flash_program(flow_flash* flash, uint32_t at, const void* from, size_t bytes) {
    const uint8_t* const data = from;
    ++flash->programs;
    if (fails_now(flash)) return -1;
    if (bytes == 0 || !holds(at, bytes) || at % page_bytes + bytes > page_bytes) return broken(flash);
    for (size_t i = 0; i < bytes; ++i) {
        if ((flash->cells[at + i] & data[i]) != data[i]) return broken(flash);
        flash->cells[at + i] = data[i];
    }
    return 0;
}

int flow_flash_erase(flow_flash* flash, uint32_t at) {
    ++flash->erases;
    if (fails_now(flash)) return -1;
    if (at % sector_bytes != 0 || !holds(at, sector_bytes)) return broken(flash);
    memset(flash->cells + at, 0xFF, sector_bytes);
    return 0;
}
