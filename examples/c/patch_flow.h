/* examples/c: what patch_flow.c does, and what it asks of the board: three functions for the SPI flash. */
#ifndef EXAMPLES_C_PATCH_FLOW_H
#define EXAMPLES_C_PATCH_FLOW_H

#include "capi/switchback.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 128 KB of SPI NOR: sectors of 4 KB are erased, up to a page of 256 bytes is programmed at a time. */
#define FLOW_FLASH_BYTES 0x20000
#define FLOW_PATCH_AT 0x1000
#define FLOW_PATCH_BYTES 0x6000
#define FLOW_PATCH_HEADER_BYTES 24
#define FLOW_SLOT_A_AT 0x8000
#define FLOW_SLOT_B_AT 0x14000
#define FLOW_SLOT_BYTES 0xC000
/* A patch made with `switchback diff --ram 4K`. */
#define FLOW_MEMORY_BYTES SWITCHBACK_SBD_MEMORY_BYTES(4096)

typedef struct flow_flash flow_flash;

/* Of the board; 0 when all went well. Here: memory that behaves as such a part does (spi_nor.c). */
int flow_flash_read(flow_flash* flash, uint32_t at, void* to, size_t bytes);
int flow_flash_program(flow_flash* flash, uint32_t at, const void* from, size_t bytes);
int flow_flash_erase(flow_flash* flash, uint32_t at);

/* Applies the patch in flash to the program that runs; afterwards the next reset starts the new one. Nothing but the
 * slot that does not run was touched when it answers anything else than OK. */
switchback_result flow_run(flow_flash* flash);

/* The slot that a reset starts, 'A' or 'B', and whether it is whole. BAD_STATE: the boot variable is unset or damaged,
 * and *slot is '?'. */
switchback_result flow_boot_slot(flow_flash* flash, char* slot);

/* Slot A holds the program: sets the boot variable for the first time. */
switchback_result flow_leave_factory(flow_flash* flash, uint32_t program_bytes);

/* The header that stands before a patch, as the program that receives it writes it. */
void flow_write_patch_header(uint8_t to[FLOW_PATCH_HEADER_BYTES], uint32_t patch_bytes, uint32_t patch_crc,
                             uint32_t old_crc, uint32_t new_bytes, uint32_t new_crc);

#ifdef __cplusplus
}
#endif

#endif
