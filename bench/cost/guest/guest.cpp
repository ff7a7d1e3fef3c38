// bench/cost/guest: decodes one patch as a device does that has both slots mapped: the patch in one piece, the image
// in pages. Nothing is copied here, so what is counted is the decoder's.
#include <algorithm>

#include "bench/cost/guest/job.hpp"
#include "bench/cost/guest/linked_decoder.hpp"

namespace sb::guest {
namespace {

DecoderStorage storage;

const std::uint8_t* at(std::uint32_t address) {
    return reinterpret_cast<const std::uint8_t*>(address);
}

Status decode_all(Job& job, Decoder& decoder, Bytes in, MutableBytes image) {
    for (;;) {
        const MutableBytes rest = image.subspan(job.produced);
        const Result<Progress> progress =
            decoder.decode(in, rest.first(std::min<std::size_t>(rest.size(), page_bytes)));
        if (!progress) {
            job.error = static_cast<std::uint32_t>(progress.error());
            return Status::refused;
        }
        in = in.subspan(progress->consumed);
        job.produced += static_cast<std::uint32_t>(progress->produced);
        if (progress->done) return Status::done;
        if (progress->consumed == 0 && progress->produced == 0) return in.empty() ? Status::not_whole : Status::stuck;
    }
}

Status run(Job& job) {
    const Bytes patch(at(patch_at), job.patch_bytes);
    const MutableBytes image(const_cast<std::uint8_t*>(at(new_image_at)), job.new_bytes);
    MemoryReader old_image(Bytes(at(old_image_at), job.old_bytes));
    MemoryReader made(image);
    std::uint32_t front = 0;
    if (linked_decoder.front_bytes != nullptr) {
        const Result<std::uint32_t> bytes = linked_decoder.front_bytes(patch);
        if (!bytes || *bytes > patch.size()) return Status::no_preamble;
        front = *bytes;
    }

    DecoderSetup setup;
    setup.format = linked_decoder.entry->format;
    setup.image_bytes = job.new_bytes;
    setup.decoder_ram_bytes = linked_decoder.work_bytes;
    setup.old_image = &old_image;
    setup.work = MutableBytes(decoder_memory, linked_decoder.work_bytes);
    setup.payload_bytes = job.patch_bytes - front;
    setup.parameters = patch.first(front);
    setup.made_image = &made;
    Decoder* const decoder = linked_decoder.entry->make(storage, setup);
    return decoder == nullptr ? Status::no_decoder : decode_all(job, *decoder, patch.subspan(front), image);
}

}  // namespace
}  // namespace sb::guest

// The host finds these by name.
extern "C" {
sb::guest::Job guest_job;
alignas(8) std::uint8_t guest_stack[64 * 1024];
void guest_main() {
    guest_job.decoder_bytes = sb::guest::linked_decoder.ram_bytes;
    guest_job.status = sb::guest::run(guest_job);
}
}
