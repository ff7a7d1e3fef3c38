/* capi: Switchback for firmware written in C (C11; C++ may include it too). A thin layer over core: patches, installs,
 * boots and confirms with the same code as everything else here. Nothing allocates and nothing is global: state lives
 * in objects of a published size that the caller owns, and any number of them may exist at a time.
 *
 * Promises at this border: a null pointer, memory that is too small or misaligned, a number that names nothing or an
 * object that was never begun is SWITCHBACK_BAD_ARGUMENT, not undefined behaviour. Bad input (a patch, a package, what
 * stands in flash) gets the error that core gives it. No call is to be made from a callback or from two threads at once
 * on the same object. docs/c-api.md tells it in order. */
#ifndef SWITCHBACK_H
#define SWITCHBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(readability-identifier-naming): types of C are named as C names them */

/* ---- results ------------------------------------------------------------------------------------------------------
 */

/** How a call ended. Numbers are stable: those below 128 are the ones that a device's journal records as causes. */
typedef enum switchback_result {
    SWITCHBACK_OK = 0,

    /* flash and callbacks */
    SWITCHBACK_IO = 1,           /**< a part or a callback reported failure */
    SWITCHBACK_UNALIGNED = 2,    /**< offset or length is no multiple of the granule or of the erase unit */
    SWITCHBACK_OUT_OF_RANGE = 3, /**< beyond the end of the flash, of the region or of the buffer */
    SWITCHBACK_UNREADABLE = 4,   /**< ECC: at least one granule of the range cannot be read */
    SWITCHBACK_POWER_LOST = 5,   /**< simulators only */
    SWITCHBACK_READBACK = 6,     /**< what was programmed reads differently */
    SWITCHBACK_LOW_BATTERY = 7,  /**< the supply is too low to begin an erase; goes on by itself when it is not */

    /* bytes that are not what they claim to be */
    SWITCHBACK_TRUNCATED = 16,     /**< the input ends too early */
    SWITCHBACK_MALFORMED = 17,     /**< not the claimed format */
    SWITCHBACK_NON_CANONICAL = 18, /**< CBOR in another than its only allowed encoding */
    SWITCHBACK_DUPLICATE_KEY = 19, /**< a CBOR map holds a key twice, or keys out of order */
    SWITCHBACK_UNSUPPORTED = 20,   /**< understood, but not taken here */
    SWITCHBACK_TOO_LARGE = 21,     /**< a size is beyond what there is room for */
    SWITCHBACK_OVERFLOW = 22,      /**< a computed size does not fit its integer */
    SWITCHBACK_TRAILING_DATA = 23, /**< bytes after the end of the input */
    SWITCHBACK_BAD_DIGEST = 24,    /**< a SHA-256 does not match */
    SWITCHBACK_BAD_PATCH = 25,     /**< a patch tries to read or write outside of its bounds */

    /* the answer is no */
    SWITCHBACK_BAD_SIGNATURE = 32,
    SWITCHBACK_UNKNOWN_KEY = 33,      /**< signed by a key that this device does not trust */
    SWITCHBACK_WRONG_CLASS = 34,      /**< made for another vendor or class of device */
    SWITCHBACK_WRONG_SOURCE = 35,     /**< a delta from an image that this device does not run */
    SWITCHBACK_OLDER = 36,            /**< sequence number below that of the confirmed image */
    SWITCHBACK_BELOW_FLOOR = 37,      /**< security counter below the floor */
    SWITCHBACK_COUNTER_MISMATCH = 38, /**< manifest and image name different security counters */
    SWITCHBACK_NO_DECODER = 39,       /**< a format that is not linked, or not in the memory that is there */
    SWITCHBACK_WRONG_ADDRESS = 40,    /**< the image is bound to an address that is not the slot's */
    SWITCHBACK_NOT_CONFIRMED = 41,    /**< the running image is on trial: its way back may not be overwritten */
    SWITCHBACK_NOT_RUNNING = 42,      /**< confirm from an image that is not the one that runs */
    SWITCHBACK_BAD_STATE = 43,        /**< the call does not fit the state of the update */
    SWITCHBACK_UNSIGNED_IMAGE = 44,   /**< no signature that this device could check */
    SWITCHBACK_IMAGE_MISMATCH = 45,   /**< manifest and image contradict each other */
    SWITCHBACK_WRONG_HEADER = 47,     /**< image header size is not the layout's */
    SWITCHBACK_NO_WAY_BACK = 48,      /**< nothing could undo the update, and the layout does not accept that */

    /* what the bootloader decided, and why */
    SWITCHBACK_TRIES_EXHAUSTED = 64,  /**< not confirmed within its trial boots: switched back */
    SWITCHBACK_SLOT_INVALID = 65,     /**< the pending image does not verify any more */
    SWITCHBACK_ACTIVE_INVALID = 66,   /**< the active image does not verify: the backup was started */
    SWITCHBACK_JOURNAL_LOST = 67,     /**< no record was left: recovered from the content of the slots */
    SWITCHBACK_NOTHING_BOOTABLE = 68, /**< no slot verifies */

    /* of this border */
    SWITCHBACK_BAD_ARGUMENT = 128 /**< null, too small, misaligned, names nothing, or never begun */
} switchback_result;

/** The name of a result ("ok", "wrong_class" …); "unknown" for a number that is none. Never null. Constant text. */
const char* switchback_result_name(switchback_result result);

/** CRC-32 (IEEE 802.3) of `bytes` bytes, going on from `crc` (0 to begin): against damage, not against people.
 * `data` may be null when `bytes` is 0; null with bytes gives `crc` back. */
uint32_t switchback_crc32(const void* data, size_t bytes, uint32_t crc);

/* ---- decoders: a program lists those that it wants, and nothing else is linked ------------------------------------
 */

/** Formats of patches and of payloads in packages, as numbered in docs/format-delta.md. */
typedef uint8_t switchback_format;
enum {
    SWITCHBACK_FORMAT_RAW = 0,
    SWITCHBACK_FORMAT_LZMA = 1,
    SWITCHBACK_FORMAT_ENDSLEY = 2,
    SWITCHBACK_FORMAT_ENDSLEY_LZMA = 3,
    SWITCHBACK_FORMAT_HPATCHLITE = 4,
    SWITCHBACK_FORMAT_VCDIFF = 5,
    SWITCHBACK_FORMAT_HDIFFSF = 6,
    SWITCHBACK_FORMAT_SBD = 7
};

typedef struct switchback_decoder switchback_decoder;

extern const switchback_decoder switchback_decoder_raw; /**< of packages only: no patch has this format */
extern const switchback_decoder switchback_decoder_lzma;
extern const switchback_decoder switchback_decoder_endsley;
extern const switchback_decoder switchback_decoder_endsley_lzma;
extern const switchback_decoder switchback_decoder_hpatchlite;
extern const switchback_decoder switchback_decoder_vcdiff;
extern const switchback_decoder switchback_decoder_hdiffsf;
/** sbd by budget, each for patches of all smaller budgets too. First those for Arm Cortex-M alone (Thumb), which are
 * the smaller code; then those for every architecture that the format knows. A patch for another architecture is
 * SWITCHBACK_NO_DECODER. */
extern const switchback_decoder switchback_decoder_sbd_thumb_4k;
extern const switchback_decoder switchback_decoder_sbd_thumb_8k;
extern const switchback_decoder switchback_decoder_sbd_thumb_16k;
extern const switchback_decoder switchback_decoder_sbd_4k;
extern const switchback_decoder switchback_decoder_sbd_8k;
extern const switchback_decoder switchback_decoder_sbd_16k;
extern const switchback_decoder switchback_decoder_sbd_32k;

/** All of the above but raw and the ones for Thumb; for hosts, and for parts with much flash. */
#define SWITCHBACK_ALL_DECODERS 10
extern const switchback_decoder* const switchback_all_decoders[SWITCHBACK_ALL_DECODERS];

/** No table of decoders is longer. */
#define SWITCHBACK_MAX_DECODERS 12

/* ---- patches ------------------------------------------------------------------------------------------------------
 */

/* Sizes of the objects, in bytes, for parts with pointers of 32 and of 64 bits. The library checks them against the C++
 * types when it is compiled. */
#if UINTPTR_MAX > 0xffffffffu
#define SWITCHBACK_PATCH_BYTES 1184
#define SWITCHBACK_DEVICE_BYTES 1536
#define SWITCHBACK_SESSION_BYTES 1152
#define SWITCHBACK_POINTERS_EXTRA_BYTES 512
#else
#define SWITCHBACK_PATCH_BYTES 1056
#define SWITCHBACK_DEVICE_BYTES 1280
#define SWITCHBACK_SESSION_BYTES 1024
#define SWITCHBACK_POINTERS_EXTRA_BYTES 0
#endif

/** As many bytes from the start of a patch are always enough for switchback_patch_inspect(). */
#define SWITCHBACK_PATCH_HEAD_BYTES 512
/** Bytes of each piece that write_new is given, but for the last one: a page of usual SPI flash. */
#define SWITCHBACK_PATCH_PIECE_BYTES 256

/** Work memory that decodes every patch of sbd with a budget of `budget_bytes` (4096, 8192, 16384 or 32768: the --ram
 * of `switchback diff`, 16 KB unless told). Pointers of 64 bits take more than the parts that budgets are made for. */
#define SWITCHBACK_SBD_MEMORY_BYTES(budget_bytes) ((budget_bytes) + SWITCHBACK_POINTERS_EXTRA_BYTES)
/** The same of lzma and endsley+lzma with a dictionary of 4096, 8192 or 16384 bytes. */
#define SWITCHBACK_LZMA_MEMORY_BYTES(dictionary_bytes) (3552 + (dictionary_bytes))
/** What any one patch needs that `switchback diff` writes for devices. */
#define SWITCHBACK_PATCH_MEMORY_BYTES SWITCHBACK_SBD_MEMORY_BYTES(32768)

/** What the first bytes of a patch say. */
typedef struct switchback_patch_info {
    switchback_format format;
    bool tells_new_bytes;  /**< false: lzma, vcdiff */
    bool tells_old_bytes;  /**< sbd, hdiffsf */
    bool tells_memory;     /**< false: vcdiff; its memory is the --window of `switchback diff`, and 1536 bytes */
    bool tells_digests;    /**< sbd */
    uint32_t new_bytes;    /**< size of the new image */
    uint32_t old_bytes;    /**< sbd: of the old image that is read, at least; hdiffsf: its size, exactly */
    uint32_t memory_bytes; /**< work memory that decoding takes on this machine; a multiple of 4 */
    uint8_t old_sha256[4]; /**< first bytes of the old image's SHA-256: to recognise, not to trust */
    uint8_t new_sha256[4];
} switchback_patch_info;

/** Reads the start of a patch as `switchback diff` writes it. `head_bytes`: as many as are at hand, `patch_bytes`: of
 * the whole patch. Answers nothing about what comes behind the start. Errors: TRUNCATED: more bytes are needed
 * (SWITCHBACK_PATCH_HEAD_BYTES, or the whole patch, are enough); MALFORMED: no patch; UNSUPPORTED, NO_DECODER: a patch
 * that only hosts apply (BSDIFF40, HDIFF13, packed with bzip2, zstd …, sbd's fast form); TOO_LARGE; TRAILING_DATA:
 * `patch_bytes` is more than the patch says. */
switchback_result switchback_patch_inspect(const void* head, size_t head_bytes, size_t patch_bytes,
                                           switchback_patch_info* info);

/** Makes the new image in `new_buf` (room for `new_cap` bytes) from the old one and a whole patch, which name their
 * format themselves; all formats that core decodes. `*new_len`: bytes that were made; 0 after an error, and what stands
 * in `new_buf` then is of no use. The three ranges must not overlap; one of length 0 may be null.
 *
 * No heap and nothing static: the decoder's memory is on the stack, as much as the patch asks for, rounded up to 4, 8,
 * 16 or 32 KB, and 3 KB besides (vcdiff: always 32 KB). A patch of `switchback diff` asks for 16 KB unless --ram says
 * otherwise. The stack of a microcontroller is seldom as large: there, use switchback_patch_buffer_with_memory(), which
 * also links only what it lists.
 *
 * A patch is not signed, and not every format notices a wrong old image, or that its own end is missing (sbd
 * makes some image of any bytes; lzma and vcdiff may end with any segment or window): compare the new image's digest
 * with one that you trust before it runs, or send packages (below), which have all that done. Errors: those of
 * switchback_patch_inspect(); TOO_LARGE: the new image is larger than `new_cap`; BAD_PATCH, MALFORMED, TRUNCATED,
 * TRAILING_DATA; WRONG_SOURCE: the old image has another size than the patch says; BAD_ARGUMENT, also for sizes of 4
 * GiB and more. */
switchback_result switchback_patch_buffer(const void* old, size_t old_len, const void* patch, size_t patch_len,
                                          void* new_buf, size_t new_cap, size_t* new_len);

/** The same with decoders and work memory of the caller; below 3 KB of stack. `memory`: aligned to 8 bytes, may be null
 * with `memory_bytes` 0.
 * Errors besides: NO_DECODER: the format is not among `decoders`, or `memory_bytes` is less than it needs. */
switchback_result switchback_patch_buffer_with_memory(const switchback_decoder* const* decoders, size_t decoder_count,
                                                      void* memory, size_t memory_bytes, const void* old,
                                                      size_t old_len, const void* patch, size_t patch_len,
                                                      void* new_buf, size_t new_cap, size_t* new_len);

/** A patch that is applied as it comes in. */
typedef union switchback_patch {
    uint64_t alignment;
    unsigned char opaque[SWITCHBACK_PATCH_BYTES];
} switchback_patch;

/** What switchback_patch_begin() is told; copied, and so may go. What it points to must stay until
 * switchback_patch_end(). Callbacks answer 0, or a switchback_result, which is passed on to the caller of feed or end
 * and ends the patch; any other number counts as SWITCHBACK_IO. Ranges never leave [0, old_bytes) and [0, new_room). */
typedef struct switchback_patch_setup {
    void* context; /**< given to each callback; may be null */
    /** Reads `bytes` bytes (1 and more) of the old image. Null: only where `old_bytes` is 0. */
    int (*read_old)(void* context, uint32_t offset, void* to, size_t bytes);
    uint32_t old_bytes; /**< size of the old image */
    /** Takes the next piece of the new image, in order from 0 on: SWITCHBACK_PATCH_PIECE_BYTES at a multiple of that,
     * but for the last one, which comes during switchback_patch_end(), when the patch has proven whole. */
    int (*write_new)(void* context, uint32_t offset, const void* from, size_t bytes);
    /** Reads back what write_new took. For sbd, which copies from the new image too; null: those are NO_DECODER. */
    int (*read_new)(void* context, uint32_t offset, void* to, size_t bytes);
    uint32_t new_room;    /**< the new image may have so many bytes */
    uint32_t patch_bytes; /**< of the whole patch */
    const switchback_decoder* const* decoders;
    size_t decoder_count; /**< 1 to SWITCHBACK_MAX_DECODERS */
    void* memory;         /**< work memory, aligned to 8 bytes; may be null with memory_bytes 0 */
    size_t memory_bytes;
} switchback_patch_setup;

/** Begins a patch in `state`. No callback is called yet. Errors: BAD_ARGUMENT. */
switchback_result switchback_patch_begin(switchback_patch* state, const switchback_patch_setup* setup);

/** Takes the next bytes of the patch, in pieces of any size, and makes what can be made of them. `data` may be null
 * when `bytes` is 0. Before anything is written, what the patch says of itself is compared with the setup: a new image
 * that does not fit is TOO_LARGE then already, where the format tells its size. Errors: BAD_ARGUMENT, also for a state
 * that was not begun; TRAILING_DATA: more than `patch_bytes`; else those of switchback_patch_buffer_with_memory() and
 * of the callbacks. After an error the patch is over and repeats it. */
switchback_result switchback_patch_feed(switchback_patch* state, const void* data, size_t bytes);

/** Ends a patch that came in whole: has the last piece written. `*new_bytes` (may be null): size of the new image; 0
 * after an error. The state must be begun anew before it is used again.
 * Errors: TRUNCATED: the patch did not come in whole, or is not whole; BAD_ARGUMENT; the error that ended it before. */
switchback_result switchback_patch_end(switchback_patch* state, uint32_t* new_bytes);

/* ---- a device -----------------------------------------------------------------------------------------------------
 */

/** `units` consecutive erase units of `unit_bytes` each. */
typedef struct switchback_erase_run {
    uint32_t units;
    uint32_t unit_bytes;
} switchback_erase_run;

/** One flash part: what the port implements. Callbacks answer 0 or a switchback_result; any other number counts as
 * SWITCHBACK_IO. Offsets are bytes from the start of the part, and never leave it. core/flash/flash.hpp says what is
 * asked of each in full. */
typedef struct switchback_flash {
    void* context; /**< given to each callback; may be null */
    /** Any alignment. UNREADABLE: a granule has an ECC fault that cannot be corrected. */
    int (*read)(void* context, uint32_t offset, void* to, size_t bytes);
    /** Offset and length are multiples of the granule, and the range was erased. */
    int (*program)(void* context, uint32_t offset, const void* from, size_t bytes);
    /** Erases the one unit that starts at `offset`. */
    int (*erase)(void* context, uint32_t offset);
    /** Whether the range reads blank; null: it is read and compared. */
    int (*is_blank)(void* context, uint32_t offset, size_t bytes, bool* blank);
    const switchback_erase_run* erase_map; /**< covers the whole part, in order of addresses */
    size_t erase_runs;
    uint32_t bytes;         /**< size of the part: the sum of the erase map */
    uint32_t granule;       /**< program unit: 1 to 512, a power of two */
    uint32_t rated_cycles;  /**< erase cycles that a unit is rated for; 0: 10,000 */
    uint8_t erased;         /**< value of an erased byte: usually 0xFF */
    bool erased_unreadable; /**< reading a blank granule is an ECC error on this part */
    bool reprogram_same;    /**< a granule may be programmed again with the same bytes (never with ECC) */
    bool ecc;               /**< a torn granule reads as UNREADABLE */
} switchback_flash;

/** Whole erase units of one part. 0 bytes: there is no such region. */
typedef struct switchback_region {
    uint32_t part;   /**< place in switchback_config::parts */
    uint32_t offset; /**< bytes from the start of the part */
    uint32_t bytes;
} switchback_region;

typedef struct switchback_slot_place {
    switchback_region region;
    uint32_t address; /**< where its first byte is seen when it executes; ram_load, slot A: where in RAM images run */
} switchback_slot_place;

/** A slot. 0 is none, on purpose: a variable that nobody set names no slot. */
typedef uint8_t switchback_slot;
enum { SWITCHBACK_SLOT_NONE = 0, SWITCHBACK_SLOT_A = 1, SWITCHBACK_SLOT_B = 2, SWITCHBACK_SLOT_GOLDEN = 3 };

/** How a new image gets to run (docs/layouts.md). 0 is none: a map that nobody filled in is refused. */
typedef uint8_t switchback_scheme;
enum {
    SWITCHBACK_SCHEME_XIP = 1,      /**< from the slot that it was written to */
    SWITCHBACK_SCHEME_SWAP = 2,     /**< from slot A, after A and B were exchanged */
    SWITCHBACK_SCHEME_COPY = 3,     /**< from slot A, after it was copied there from B */
    SWITCHBACK_SCHEME_SINGLE = 4,   /**< from slot A, the only one */
    SWITCHBACK_SCHEME_RAM_LOAD = 5, /**< from RAM */
    SWITCHBACK_SCHEME_INPLACE = 6   /**< from slot A, the only one: a patch that was staged rewrites it */
};

/** The flash map; `switchback layout gen` prints the numbers of a layout. Regions must not overlap. */
typedef struct switchback_map {
    switchback_scheme scheme;
    bool cortex_m; /**< images start with a Cortex-M vector table: that of a bound one is checked */
    bool remap;    /**< xip: either slot is seen at slot A's address when it runs */
    switchback_slot_place slot_a;
    switchback_slot_place slot_b; /**< not with single and inplace */
    switchback_region journal;    /**< from four erase units */
    switchback_region golden;     /**< the factory image, where there is one */
    switchback_region patch;      /**< inplace: where a patch is staged; copy, single: where a reverse patch is kept */
    switchback_region user_data;  /**< erased by a factory reset */
    uint32_t ram_bytes;           /**< ram_load: room for an image */
    uint32_t swap_unit;           /**< swap: bytes exchanged at a time; whole erase units in A and in B */
    uint32_t layout_crc;          /**< of the layout: records of another one are not taken */
    uint32_t header_bytes;        /**< image header with its padding, from 32 */
} switchback_map;

/** Room for a running SHA-256. Copying it forks the computation: it must not point into itself. */
typedef union switchback_sha256 {
    uint64_t alignment;
    unsigned char opaque[112];
} switchback_sha256;

/** Cryptography, of a library or of the part. `context` may be null. */
typedef struct switchback_crypto {
    void* context;
    void (*sha256_start)(void* context, switchback_sha256* state);
    void (*sha256_update)(void* context, switchback_sha256* state, const void* data, size_t bytes);
    /** The digest of what was fed so far; `state` stays as it is and may be fed further. */
    void (*sha256_digest)(void* context, const switchback_sha256* state, uint8_t digest[32]);
    /** Whether `signature` (r, s; big endian) is an ECDSA P-256 signature of `digest` by `key` (X, Y; big endian). */
    bool (*p256_verify)(void* context, const uint8_t key[64], const uint8_t digest[32], const uint8_t signature[64]);
} switchback_crypto;

/** A P-256 public key that the device trusts: X, Y, big endian. */
typedef struct switchback_key {
    uint8_t point[64];
} switchback_key;

/** A decoder that packages may ask for, in how much memory (0 for raw and endsley; a budget of sbd; what
 * SWITCHBACK_LZMA_MEMORY_BYTES says). */
typedef struct switchback_grant {
    const switchback_decoder* decoder;
    uint32_t memory_bytes;
} switchback_grant;

/** What brings images to where they run. A bootloader names one, and no other is linked. */
typedef struct switchback_mover switchback_mover;
extern const switchback_mover switchback_mover_copy; /**< copy, ram_load, xip, single: copies, and the factory image */
extern const switchback_mover switchback_mover_swap; /**< swap: exchanges and copies */
extern const switchback_mover switchback_mover_undo; /**< copy: undoes by a reverse patch, too */
extern const switchback_mover switchback_mover_rewrite; /**< inplace, and single with a patch region */

/** What an install session needs where the bootloader has switchback_mover_undo or _rewrite. */
typedef struct switchback_staging switchback_staging;
extern const switchback_staging switchback_patch_staging;

#define SWITCHBACK_MAX_PARTS 4
#define SWITCHBACK_MAX_KEYS 4

/** All that a device is. What it points to must stay as long as the device is used: usually it is const. */
typedef struct switchback_config {
    const switchback_flash* parts;
    size_t part_count; /**< 1 to SWITCHBACK_MAX_PARTS */
    switchback_map map;
    const switchback_crypto* crypto;
    const switchback_key* keys;
    size_t key_count;   /**< 1 to SWITCHBACK_MAX_KEYS */
    uint8_t vendor[16]; /**< UUIDs that packages name: docs/format.md, "Class" */
    uint8_t device_class[16];
    const switchback_grant* grants; /**< one of them is raw, or no whole image is taken */
    size_t grant_count;             /**< 0 (a bootloader that installs nothing) to SWITCHBACK_MAX_DECODERS */
    uint32_t max_block_bytes;       /**< of packages, 256 to 4096; 0: 1024 */
    uint32_t hardware_floor;        /**< security floor of a protected counter, where the part has one */
    uint8_t tries;                  /**< trial boots; 0: 3 */
    bool allow_downgrade;
    bool accept_no_way_back;
    bool golden_below_floor;
    const switchback_staging* staging; /**< may be null: see there */
    const switchback_mover* mover;     /**< bootloaders; null where no image ever moves */
    void* ram;                         /**< bootloaders of ram_load: map.ram_bytes at slot_a.address */
    /** Whether the supply is too low to begin an erase of a slot; may be null. */
    bool (*supply_low)(void* context);
    void* supply_context;
} switchback_config;

typedef union switchback_device {
    uint64_t alignment;
    unsigned char opaque[SWITCHBACK_DEVICE_BYTES];
} switchback_device;

/** Makes `device` and reads its journal; writes nothing. A journal without a record is no error: a part fresh from the
 * factory has one (switchback_state::journal_lost says so). The whole configuration is checked: regions lie in their
 * parts, begin and end at erase units and do not overlap, the scheme has what it needs.
 * Errors: BAD_ARGUMENT; OUT_OF_RANGE: the journal has no room for four pages; IO or what else its part reports: then
 * the device can be used for switchback_boot() alone. */
switchback_result switchback_open(switchback_device* device, const switchback_config* config);

/** Names of what happened at a boot. */
typedef uint8_t switchback_decision;
enum {
    SWITCHBACK_ACTIVE = 0,       /**< nothing pending: the active image */
    SWITCHBACK_TRIAL = 1,        /**< a new image, on one of its trial boots */
    SWITCHBACK_SWITCH_BACK = 2,  /**< the new image was not confirmed or does not verify: the old one */
    SWITCHBACK_FALLBACK = 3,     /**< the slot that should run does not verify: the other one */
    SWITCHBACK_RECOVERED = 4,    /**< the journal was lost: chosen by the content of the slots */
    SWITCHBACK_UPDATE_MODE = 5,  /**< nothing may run: wait for an update */
    SWITCHBACK_FACTORY_RESET = 6 /**< the factory image, as was asked for */
};

typedef struct switchback_boot_report {
    switchback_slot slot; /**< to jump to; SWITCHBACK_SLOT_NONE: update mode */
    switchback_decision decision;
    bool recorded;           /**< false: a record was needed and could not be written */
    switchback_result cause; /**< why an update failed or nothing runs; SWITCHBACK_OK when there is nothing to tell */
    uint32_t address;        /**< first byte of the program (Cortex-M: its vector table); 0 without a slot */
    uint32_t security_floor; /**< what a protected counter is to be raised to after a confirm */
} switchback_boot_report;

/** Work memory of switchback_boot() with a mover that undoes or rewrites, and of switchback_install_begin():
 * `decoder_memory_bytes` is the largest of the grants. */
#define SWITCHBACK_INSTALL_WORK_BYTES(max_block_bytes, decoder_memory_bytes)                                        \
    (((max_block_bytes) + 16 > 1024 ? ((max_block_bytes) + 16 + 7) / 8 * 8 : 1024) + 512 + (decoder_memory_bytes) + \
     ((decoder_memory_bytes) == 0 ? 0 : SWITCHBACK_POINTERS_EXTRA_BYTES))
/** Work memory of switchback_boot() with any other mover, or none. */
#define SWITCHBACK_BOOT_WORK_BYTES 512

/** Between reset and jump: decides, records, brings images to where they run, says what to jump to. Always ends. Reads
 * the journal anew. `work`: aligned to 8 bytes, SWITCHBACK_BOOT_WORK_BYTES or, with the movers named there,
 * SWITCHBACK_INSTALL_WORK_BYTES(). OK whatever was decided: the report tells.
 * Errors: BAD_ARGUMENT, also where the scheme moves images or there is a factory image and no mover is named. */
switchback_result switchback_boot(switchback_device* device, void* work, size_t work_bytes,
                                  switchback_boot_report* report);

typedef union switchback_session {
    uint64_t alignment;
    unsigned char opaque[SWITCHBACK_SESSION_BYTES];
} switchback_session;

/** Begins to receive one package. `running`: the slot that the caller runs from (of a scheme that moves images, and of
 * ram_load the slot that was loaded: switchback_status() tells), or SWITCHBACK_SLOT_NONE for a bootloader in update
 * mode. `work`: aligned to 8 bytes, SWITCHBACK_INSTALL_WORK_BYTES(); both stay until the session is of no more use.
 * After a reset, a new session with the same package goes on where the journal says.
 * Errors: BAD_ARGUMENT. */
switchback_result switchback_install_begin(switchback_session* session, switchback_device* device,
                                           switchback_slot running, void* work, size_t work_bytes);

/** Takes `bytes` bytes of the package that stand at `offset` in it. `*wanted`: the offset that is wanted next, set
 * after errors too. Bytes before it are skipped, bytes that leave a gap are ignored: always send from `*wanted` on,
 * which may be far ahead. Errors: BAD_DIGEST while the payload comes in: a block was damaged on its way; send again
 * from `*wanted`. All others end the session, which repeats them: what is wrong with the package
 * (core/install/session.hpp lists them), LOW_BATTERY (begin a new session later), IO and READBACK. The running image is
 * untouched. */
switchback_result switchback_install_write(switchback_session* session, uint64_t offset, const void* data, size_t bytes,
                                           uint64_t* wanted);

typedef struct switchback_progress {
    uint64_t wanted;        /**< offset of the package's byte that is wanted next */
    uint64_t package_bytes; /**< 0 until the envelope was accepted */
    uint64_t resumed_from;  /**< where an earlier session was gone on from; 0: a fresh start */
    uint32_t image_bytes;   /**< of the image, written so far */
    bool complete;          /**< the whole image is written and verified: stage it */
} switchback_progress;

/** How far the session came. Errors: BAD_ARGUMENT. */
switchback_result switchback_install_progress(const switchback_session* session, switchback_progress* progress);

/** Asks for the image to be tried at the next boot. Errors: BAD_STATE: not complete; IO, READBACK; BAD_ARGUMENT. */
switchback_result switchback_install_stage(switchback_session* session);

/** The running image declares itself good: from then on it is the active one. Call it after a self-test, at each start:
 * again, it changes nothing. `running`: the slot that the caller runs from. `work`: aligned to 8 bytes, from 64 bytes;
 * the image is hashed through it.
 * Errors: NOT_RUNNING: another image is on trial, or nothing is and `running` is not active; those of verifying the
 * image; IO, READBACK; BAD_ARGUMENT. */
switchback_result switchback_confirm(switchback_device* device, switchback_slot running, void* work, size_t work_bytes);

/** Each boot waits for an update until one was staged or the wait is given up. Proven in the journal before it returns.
 * Errors: BAD_STATE while an update is staged, on trial or on its way back; IO, READBACK; BAD_ARGUMENT. */
switchback_result switchback_request_update_mode(switchback_device* device);
/** The bootloader has waited long enough. Errors: IO, READBACK; BAD_ARGUMENT. */
switchback_result switchback_leave_update_mode(switchback_device* device);
/** The next boot restores the factory image, or reports why not. Errors: IO, READBACK; BAD_ARGUMENT. */
switchback_result switchback_request_factory_reset(switchback_device* device, bool keep_data);

/** Where an update stands. */
typedef uint8_t switchback_phase;
enum {
    SWITCHBACK_PHASE_READY = 0,     /**< nothing under way */
    SWITCHBACK_PHASE_WRITING = 1,   /**< a package is being received */
    SWITCHBACK_PHASE_CANDIDATE = 2, /**< received whole and verified */
    SWITCHBACK_PHASE_STAGED = 3,    /**< the next boot tries it */
    SWITCHBACK_PHASE_TRIAL = 4,     /**< runs unconfirmed */
    SWITCHBACK_PHASE_UPDATED = 5,   /**< confirmed */
    SWITCHBACK_PHASE_REVERTING = 6, /**< on the way back */
    SWITCHBACK_PHASE_FAILED = 7     /**< ended with `cause`; the old image runs */
};

typedef struct switchback_state {
    switchback_phase phase;
    switchback_slot active; /**< where the image stands that runs when nothing is pending */
    switchback_slot
        running;        /**< where the image runs from that the bootloader started, by the records; NONE: unknown */
    uint8_t tries_left; /**< trial boots left */
    bool journal_lost;  /**< there was no record (of this layout) when the journal was read: as a fresh part */
    bool active_confirmed;
    bool update_mode;            /**< was asked for */
    bool factory_reset;          /**< was asked for */
    switchback_result cause;     /**< why the last update failed */
    uint32_t security_floor;     /**< lowest security counter that may run */
    uint32_t image_bytes;        /**< WRITING: of the image, written and recorded */
    uint64_t confirmed_sequence; /**< of the package that was confirmed last */
} switchback_state;

/** What the journal says. Reads nothing. Errors: BAD_ARGUMENT. */
switchback_result switchback_status(const switchback_device* device, switchback_state* state);

/* NOLINTEND(readability-identifier-naming) */

#ifdef __cplusplus
}
#endif

#endif
