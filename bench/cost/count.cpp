// decoder_count GUEST.elf m0|m4 OLD PATCH NEW: decodes PATCH on an emulated Cortex-M and prints, as JSON, what it took.
// Status 1 when the decoder does not make NEW.
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/cost/machine.hpp"

namespace sb::cost {
namespace {

std::vector<std::uint8_t> read_file(const char* path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error(std::string(path) + ": cannot be read");
    return {std::istreambuf_iterator<char>(in), {}};
}

const char* text_of(guest::Status status) {
    switch (status) {
        case guest::Status::done:
            return "done";
        case guest::Status::no_preamble:
            return "no patch of this format";
        case guest::Status::no_decoder:
            return "the decoder does not take this patch";
        case guest::Status::refused:
            return "the decoder refused the patch";
        case guest::Status::stuck:
            return "the decoder makes no progress";
        case guest::Status::not_whole:
            return "the patch ends before the image does";
        default:
            return "the guest did not come to its end";
    }
}

int run(char** argument) {
    const Program guest(argument[1]);
    const std::string core = argument[2];
    if (core != "m0" && core != "m4") throw std::runtime_error("the core is m0 or m4");
    const auto old_image = read_file(argument[3]), patch = read_file(argument[4]), new_image = read_file(argument[5]);
    const Counted counted = count_decoding(guest, core == "m0" ? Core::m0 : Core::m4, old_image, patch,
                                           static_cast<std::uint32_t>(new_image.size()));
    nlohmann::json functions = nlohmann::json::object();
    for (const auto& [name, count] : counted.functions) functions[name] = count;
    nlohmann::json places = nlohmann::json::array();
    for (const auto& [address, count] : counted.places) places.push_back({address, count});
    nlohmann::json helpers = nlohmann::json::object();
    for (const auto& [name, count] : counted.helpers) helpers[name] = count;
    const bool right = counted.job.status == guest::Status::done && counted.made == new_image;
    std::string verdict = text_of(counted.job.status);
    if (counted.job.status == guest::Status::done && !right) verdict = "the image is not the new one";
    std::cout << nlohmann::json{{"right", right},
                                {"status", verdict},
                                {"error", counted.job.error},
                                {"instructions", counted.instructions},
                                {"new_bytes", new_image.size()},
                                {"patch_bytes", patch.size()},
                                {"produced", counted.job.produced},
                                {"decoder_bytes", counted.job.decoder_bytes},
                                {"stack_bytes", counted.stack_bytes},
                                {"functions", functions},
                                {"helpers", helpers},
                                {"places", places}}
              << '\n';
    return right ? 0 : 1;
}

}  // namespace
}  // namespace sb::cost

int main(int count, char** argument) {
    if (count != 6) {
        std::cerr << "usage: decoder_count GUEST.elf m0|m4 OLD PATCH NEW\n";
        return 2;
    }
    try {
        return sb::cost::run(argument);
    } catch (const std::exception& problem) {
        std::cerr << "decoder_count: " << problem.what() << '\n';
        return 2;
    }
}
