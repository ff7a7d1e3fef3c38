/* The flow of a small microcontroller with two program slots and a patch in the same SPI flash: read the old program,
 * read the patch, erase the other slot, write the new program piece by piece, read it back, point the boot variable at
 * it, reset. Streaming: there is no third buffer, in RAM or in flash.
 *
 * What it takes care of, in this order:
 *   1. a boot variable that nobody set, or a damaged one, never means slot B;
 *   2. the patch as it was received, and the old program that it is for, are checked before anything is erased;
 *   3. a new program that does not fit its slot is refused before anything is erased;
 *   4. what stands in the slot is read back and checked before the boot variable changes.
 *
 * CRC-32 finds damage, not people who want to do harm: a device that takes updates from outside receives signed
 * packages (application.c). A bootloader of your own that reads the variable has no trial boot either. */
#include "examples/c/patch_flow.h"

/* NOLINTBEGIN(readability-identifier-naming): types of C are named as C names them */

/* ---- the flash map of this device ---------------------------------------------------------------------------------
 */

enum { sector_bytes = 4096, page_bytes = 256 };

static const uint32_t boot_at = 0, boot_bytes = sector_bytes;
static const uint32_t patch_at = sector_bytes;
static const uint32_t slot_at[2] = {FLOW_SLOT_A_AT, FLOW_SLOT_B_AT};

/* ---- integers in flash, whatever the processor's order
 * --------------------------------------------------------------- */

static uint32_t load32(const uint8_t* from) {
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static void store32(uint8_t* to, uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) to[i] = (uint8_t)(value >> 8 * i);
}

/* ---- the boot variable: magic, slot, size, CRC of the program, CRC of the record -----------------------------------
 */

enum { record_bytes = 20 };
static const uint32_t boot_magic = 0x54304F42;

/* Slots are numbered from 1: neither erased flash nor zeros name one. */
enum { slot_a = 1, slot_b = 2 };

typedef struct boot_record {
    uint32_t slot;
    uint32_t program_bytes;
    uint32_t program_crc;
} boot_record;

static switchback_result read_boot_record(flow_flash* flash, boot_record* to) {
    uint8_t bytes[record_bytes];
    const int answer = flow_flash_read(flash, boot_at, bytes, sizeof bytes);
    if (answer != 0) return SWITCHBACK_IO;
    to->slot = load32(bytes + 4);
    to->program_bytes = load32(bytes + 8);
    to->program_crc = load32(bytes + 12);
    const bool whole = load32(bytes) == boot_magic && load32(bytes + 16) == switchback_crc32(bytes, 16, 0);
    const bool named = to->slot == slot_a || to->slot == slot_b;
    if (!whole || !named || to->program_bytes > FLOW_SLOT_BYTES) return SWITCHBACK_BAD_STATE;
    return SWITCHBACK_OK;
}

/* The one moment at which power may not fail: between the erase and the end of the program there is no record. A device
 * that cannot have that uses switchback_open() and its journal in place of this function. */
static switchback_result write_boot_record(flow_flash* flash, const boot_record* from) {
    uint8_t bytes[record_bytes];
    store32(bytes, boot_magic);
    store32(bytes + 4, from->slot);
    store32(bytes + 8, from->program_bytes);
    store32(bytes + 12, from->program_crc);
    store32(bytes + 16, switchback_crc32(bytes, 16, 0));
    for (uint32_t at = 0; at < boot_bytes; at += sector_bytes)
        if (flow_flash_erase(flash, boot_at + at) != 0) return SWITCHBACK_IO;
    if (flow_flash_program(flash, boot_at, bytes, sizeof bytes) != 0) return SWITCHBACK_IO;
    boot_record seen;
    const switchback_result read = read_boot_record(flash, &seen);
    if (read != SWITCHBACK_OK) return SWITCHBACK_READBACK;
    return seen.slot == from->slot && seen.program_crc == from->program_crc ? SWITCHBACK_OK : SWITCHBACK_READBACK;
}

/* ---- the patch as it was received: a header of ours, then the bytes that `switchback diff` wrote --------------------
 */

enum { patch_header_bytes = 24 };
static const uint32_t patch_magic = 0x54304F50;

typedef struct patch_header {
    uint32_t patch_bytes;
    uint32_t patch_crc;
    uint32_t old_crc; /* of the program that it starts from */
    uint32_t new_bytes;
    uint32_t new_crc;
} patch_header;

static switchback_result read_patch_header(flow_flash* flash, patch_header* to) {
    uint8_t bytes[patch_header_bytes];
    if (flow_flash_read(flash, patch_at, bytes, sizeof bytes) != 0) return SWITCHBACK_IO;
    if (load32(bytes) != patch_magic) return SWITCHBACK_MALFORMED;
    to->patch_bytes = load32(bytes + 4);
    to->patch_crc = load32(bytes + 8);
    to->old_crc = load32(bytes + 12);
    to->new_bytes = load32(bytes + 16);
    to->new_crc = load32(bytes + 20);
    return to->patch_bytes <= FLOW_PATCH_BYTES - patch_header_bytes ? SWITCHBACK_OK : SWITCHBACK_TOO_LARGE;
}

static switchback_result crc_of(flow_flash* flash, uint32_t at, uint32_t bytes, uint32_t* crc) {
    uint8_t page[page_bytes];
    *crc = 0;
    for (uint32_t done = 0; done < bytes;) {
        const uint32_t piece = bytes - done < sizeof page ? bytes - done : (uint32_t)sizeof page;
        if (flow_flash_read(flash, at + done, page, piece) != 0) return SWITCHBACK_IO;
        *crc = switchback_crc32(page, piece, *crc);
        done += piece;
    }
    return SWITCHBACK_OK;
}

static switchback_result expect_crc(flow_flash* flash, uint32_t at, uint32_t bytes, uint32_t wanted,
                                    switchback_result otherwise) {
    uint32_t crc = 0;
    const switchback_result read = crc_of(flash, at, bytes, &crc);
    if (read != SWITCHBACK_OK) return read;
    return crc == wanted ? SWITCHBACK_OK : otherwise;
}

/* ---- what switchback calls
 * ------------------------------------------------------------------------------------------- */

typedef struct flow {
    flow_flash* flash;
    uint32_t old_at;
    uint32_t new_at;
} flow;

static int read_old(void* context, uint32_t offset, void* to, size_t bytes) {
    const flow* const self = context;
    return flow_flash_read(self->flash, self->old_at + offset, to, bytes);
}

/* Pieces are pages, but for the last one: the part programs them as they come. */
static int write_new(void* context, uint32_t offset, const void* from, size_t bytes) {
    const flow* const self = context;
    return flow_flash_program(self->flash, self->new_at + offset, from, bytes);
}

static int read_new(void* context, uint32_t offset, void* to, size_t bytes) {
    const flow* const self = context;
    return flow_flash_read(self->flash, self->new_at + offset, to, bytes);
}

/* ---- the steps
 * -------------------------------------------------------------------------------------------------------- */

/* Everything that can be said before the slot is erased. */
static switchback_result check_input(flow_flash* flash, const boot_record* boot, const patch_header* header) {
    uint8_t head[SWITCHBACK_PATCH_HEAD_BYTES];
    const uint32_t old_at = slot_at[boot->slot - 1];
    switchback_result result =
        expect_crc(flash, patch_at + patch_header_bytes, header->patch_bytes, header->patch_crc, SWITCHBACK_BAD_DIGEST);
    if (result != SWITCHBACK_OK) return result;
    result = expect_crc(flash, old_at, boot->program_bytes, header->old_crc, SWITCHBACK_WRONG_SOURCE);
    if (result != SWITCHBACK_OK) return result;
    if (header->new_bytes > FLOW_SLOT_BYTES) return SWITCHBACK_TOO_LARGE;

    const uint32_t head_bytes = header->patch_bytes < sizeof head ? header->patch_bytes : (uint32_t)sizeof head;
    if (flow_flash_read(flash, patch_at + patch_header_bytes, head, head_bytes) != 0) return SWITCHBACK_IO;
    switchback_patch_info info;
    result = switchback_patch_inspect(head, head_bytes, header->patch_bytes, &info);
    if (result != SWITCHBACK_OK) return result;
    if (info.memory_bytes > FLOW_MEMORY_BYTES) return SWITCHBACK_NO_DECODER;
    return info.tells_new_bytes && info.new_bytes != header->new_bytes ? SWITCHBACK_IMAGE_MISMATCH : SWITCHBACK_OK;
}

static switchback_result erase_slot(flow_flash* flash, uint32_t at, uint32_t bytes) {
    for (uint32_t done = 0; done < bytes; done += sector_bytes)
        if (flow_flash_erase(flash, at + done) != 0) return SWITCHBACK_IO;
    return SWITCHBACK_OK;
}

/* Static, since a stack is seldom as large. */
static switchback_patch patch_state;
static uint64_t decoder_memory[FLOW_MEMORY_BYTES / sizeof(uint64_t)];

static switchback_result apply(flow* self, const boot_record* boot, const patch_header* header) {
    static const switchback_decoder* const decoders[] = {&switchback_decoder_sbd_thumb_4k, &switchback_decoder_endsley};
    const switchback_patch_setup setup = {.context = self,
                                          .read_old = read_old,
                                          .old_bytes = boot->program_bytes,
                                          .write_new = write_new,
                                          .read_new = read_new,
                                          .new_room = header->new_bytes,
                                          .patch_bytes = header->patch_bytes,
                                          .decoders = decoders,
                                          .decoder_count = sizeof decoders / sizeof decoders[0],
                                          .memory = decoder_memory,
                                          .memory_bytes = sizeof decoder_memory};
    switchback_result result = switchback_patch_begin(&patch_state, &setup);
    uint8_t piece[64];
    for (uint32_t at = 0; result == SWITCHBACK_OK && at < header->patch_bytes; at += (uint32_t)sizeof piece) {
        const uint32_t left = header->patch_bytes - at;
        const uint32_t bytes = left < sizeof piece ? left : (uint32_t)sizeof piece;
        if (flow_flash_read(self->flash, patch_at + patch_header_bytes + at, piece, bytes) != 0) return SWITCHBACK_IO;
        result = switchback_patch_feed(&patch_state, piece, bytes);
    }
    if (result != SWITCHBACK_OK) return result;
    uint32_t made = 0;
    result = switchback_patch_end(&patch_state, &made);
    if (result != SWITCHBACK_OK) return result;
    return made == header->new_bytes ? SWITCHBACK_OK : SWITCHBACK_IMAGE_MISMATCH;
}

switchback_result flow_run(flow_flash* flash) {
    boot_record boot;
    patch_header header;
    switchback_result result = read_boot_record(flash, &boot);
    if (result != SWITCHBACK_OK) return result;
    result = read_patch_header(flash, &header);
    if (result != SWITCHBACK_OK) return result;
    result = check_input(flash, &boot, &header);
    if (result != SWITCHBACK_OK) return result;

    const uint32_t next = boot.slot == slot_a ? slot_b : slot_a;
    flow self = {.flash = flash, .old_at = slot_at[boot.slot - 1], .new_at = slot_at[next - 1]};
    result = erase_slot(flash, self.new_at, header.new_bytes);
    if (result != SWITCHBACK_OK) return result;
    result = apply(&self, &boot, &header);
    if (result != SWITCHBACK_OK) return result;
    result = expect_crc(flash, self.new_at, header.new_bytes, header.new_crc, SWITCHBACK_READBACK);
    if (result != SWITCHBACK_OK) return result;
    const boot_record updated = {.slot = next, .program_bytes = header.new_bytes, .program_crc = header.new_crc};
    return write_boot_record(flash, &updated); /* the caller resets now */
}

/* What a bootloader of this device asks, and the factory. */

switchback_result flow_boot_slot(flow_flash* flash, char* slot) {
    boot_record boot;
    *slot = '?';
    const switchback_result read = read_boot_record(flash, &boot);
    if (read != SWITCHBACK_OK) return read;
    *slot = boot.slot == slot_a ? 'A' : 'B';
    return expect_crc(flash, slot_at[boot.slot - 1], boot.program_bytes, boot.program_crc, SWITCHBACK_SLOT_INVALID);
}

switchback_result flow_leave_factory(flow_flash* flash, uint32_t program_bytes) {
    boot_record boot = {.slot = slot_a, .program_bytes = program_bytes};
    const switchback_result read = crc_of(flash, slot_at[0], program_bytes, &boot.program_crc);
    return read == SWITCHBACK_OK ? write_boot_record(flash, &boot) : read;
}

void flow_write_patch_header(uint8_t to[FLOW_PATCH_HEADER_BYTES], uint32_t patch_bytes, uint32_t patch_crc,
                             uint32_t old_crc, uint32_t new_bytes, uint32_t new_crc) {
    const uint32_t numbers[6] = {patch_magic, patch_bytes, patch_crc, old_crc, new_bytes, new_crc};
    for (unsigned i = 0; i < 6; ++i) store32(to + 4 * i, numbers[i]);
}

/* NOLINTEND(readability-identifier-naming) */
