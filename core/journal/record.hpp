// core/journal: one record, as bytes. All integers are little-endian. 128 bytes, then padding to the granule.
//
//   offset  size  field
//        0     1  magic, 0x53 ('S')
//        1     1  version of this layout, 1
//        2     2  index: counts the records of a session
//        4     4  session: counts power-ups that wrote something
//        8     1  phase (Phase)
//        9     1  plan (Plan)
//       10     1  bit 0: active slot (0 = A, 1 = B); the others: format of the application's data
//       11     1  tries left
//       12     1  cause (Error)
//       13     1  flags: bit 0 = A was confirmed, bit 1 = B was confirmed; bits 2 and 3: request (Request);
//                 bit 4: the data are newer than the confirmed image; the others are zero
//       14     2  reserved for the key epoch, zero
//       16     2  reserved for the distribution epoch, zero
//       18     2  step
//       20     2  step count
//       22     2  transaction
//       24     8  confirmed sequence
//       32     8  candidate digest
//       40     8  active digest
//       48     4  security floor
//       52     4  grant counter
//       56     4  layout CRC
//       60     8  install: package digest
//       68     4  install: next block
//       72    16  install: expected digest of that block
//       88     4  install: output bytes done
//       92    32  install: checkpoint of the decoder; from CANDIDATE on, the candidate's sequence in the first 8
//      124     4  CRC-32 (IEEE 802.3) of bytes 0 to 123
#pragma once

#include "core/journal/state.hpp"

namespace sb {

inline constexpr std::uint32_t record_bytes = 128;
/// Granules beyond this are refused: a record is programmed from a buffer of this size.
inline constexpr std::uint32_t max_record_granule = 512;

/// Orders records: the session first, then the index.
struct RecordKey {
    std::uint32_t session = 0;
    std::uint16_t index = 0;
    bool operator==(const RecordKey&) const = default;
};

[[nodiscard]] constexpr bool newer(const RecordKey& a, const RecordKey& b) {
    return a.session != b.session ? a.session > b.session : a.index > b.index;
}

struct Record {
    RecordKey key;
    State state;
};

/// Writes the 128 bytes of a record into `out`. Requires: out.size() >= record_bytes.
void encode_record(const RecordKey& key, const State& state, MutableBytes out);

/// Whether the bytes are a whole record: magic, version, CRC and every value in its range.
/// Requires: in.size() >= record_bytes.
[[nodiscard]] bool is_record(Bytes in);

/// The key and the state of a record. Require is_record(in).
[[nodiscard]] RecordKey record_key(Bytes in);
void decode_state(Bytes in, State& out);

}  // namespace sb
