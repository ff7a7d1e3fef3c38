#include "tools/cli/rehearsal.hpp"

#include <fmt/format.h>

#include <memory>

#include "core/base/error_name.hpp"
#include "sim/device/device.hpp"
#include "sim/device/transfer.hpp"
#include "tools/pack/device_class.hpp"

namespace sb::cli {
namespace {

/// A device that runs the old image, as it will meet the package.
class Rehearsal {
public:
    Rehearsal(const PatchJob& job, const pack::PrivateKey& key, Bytes package) : job_(job), package_(package) {
        const pack::ClassIds ids = need(pack::class_ids(job.options.device_class));
        device_ = std::make_unique<sim::Device>(
            job.layout, sim::Identity{job.options.device_class, ids.vendor, ids.device_class, ""},
            std::vector{pack::trusted(key.public_key())});
        need(sim::write_factory_image(*device_, job.source.bytes), job.source.path);
        expect(job.source);
        install();
        expect(job.image);
    }

    void confirm() {
        if (const auto confirmed = device_->confirm(); !confirmed) fail_with(confirmed.error());
        expect(job_.image);
    }
    void go_back() {
        for (int i = 1; i < job_.layout.tries; ++i) expect(job_.image);
        expect(job_.source);
    }

private:
    [[noreturn]] void fail_with(Error why) const {
        throw Failure(Exit::no, fmt::format("a simulated device could not install the package: {}", error_name(why)),
                      job_.image.path, "nothing was written; please report this");
    }
    /// Update mode is where a device with one slot takes a whole image.
    void install() {
        if (job_.layout.scheme == Scheme::single) {
            if (const auto asked = device_->ask_for_update_mode(); !asked) fail_with(asked.error());
            if (const BootReport report = device_->reset(); report.slot) fail_with(Error::bad_state);
        }
        sim::Installation installation(*device_);
        const auto sent = sim::transfer(installation.session(), package_, {.link = *sim::find_link("uart")}).result;
        if (!sent) throw failure_of(sent.error(), "the rehearsal on a simulated device");
        if (const auto staged = installation.session().stage(); !staged) fail_with(staged.error());
    }
    void expect(const ImageFile& image) {
        const BootReport report = device_->reset();
        if (!report.slot) fail_with(report.cause);
        Buffer stands(image.bytes.size());
        const bool read = device_->map().slots[0].region.read(0, stands).has_value();
        if (!read || stands != image.bytes) fail_with(Error::image_mismatch);
    }

    const PatchJob& job_;
    Bytes package_;
    std::unique_ptr<sim::Device> device_;
};

}  // namespace

void rehearse(const PatchJob& job, const pack::PrivateKey& key, Bytes package) {
    Rehearsal(job, key, package).confirm();
    if (job.way_back) Rehearsal(job, key, package).go_back();
}

}  // namespace sb::cli
