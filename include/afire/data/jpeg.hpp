// afire/data/jpeg.hpp -- JPEG files through libjpeg-turbo: grey and colour, baseline and progressive, 8 bits
//
//   FilmReader<Png, Jpeg> read;   Film film = read("film.jpg");        // data/read_film.hpp
//
// The decoder's own settings (accurate integer transform, smooth upsampling of colour), so the bytes are those of Pillow and OpenCV.
// Anything wrong with the data is an error, also what libjpeg only warns of: an end that is missing, bytes too many, broken codes.
// Needs libjpeg-turbo (afire::jpeg).
#pragma once
#include <cstdio>

#include <jpeglib.h>

#include <csetjmp>

#include <afire/data/picture.hpp>

namespace afire {

namespace jpeg {

// libjpeg reports an error by a call that must not return: a long jump, so these functions hold nothing that wants to be destroyed.
class Decoder {
 public:
  Decoder() = default;
  Decoder(Decoder const&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info_); }

  // What the picture will be like.
  Index height = 0, width = 0, channels = 0;
  bool huffman = true;
  std::string reason() const { return reason_; }

  bool read_header(std::string_view bytes) {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = fail;
    errors_.emit_message = warn;
    if (setjmp(escape_)) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    progress_.progress_monitor = watch;
    jpeg_mem_src(&info_, reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
    jpeg_read_header(&info_, TRUE);
    height = static_cast<Index>(info_.image_height), width = static_cast<Index>(info_.image_width);
    huffman = !info_.arith_code;
    channels = info_.num_components == 1 ? 1 : 3;
    if (info_.jpeg_color_space == JCS_GRAYSCALE) info_.out_color_space = JCS_GRAYSCALE;
    else if (info_.jpeg_color_space == JCS_YCbCr || info_.jpeg_color_space == JCS_RGB) info_.out_color_space = JCS_RGB;
    else return std::snprintf(reason_, sizeof reason_, "%d channels that are neither grey nor RGB", info_.num_components), false;
    return true;
  }

  bool read_pixels(std::uint8_t* to) {
    if (setjmp(escape_)) return false;
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = to + static_cast<Index>(info_.output_scanline) * width * channels;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

 private:
  static Decoder& of(j_common_ptr info) { return *static_cast<Decoder*>(info->client_data); }

  [[noreturn]] static void fail(j_common_ptr info) {
    info->err->format_message(info, of(info).reason_);
    std::longjmp(of(info).escape_, 1);
  }
  static void warn(j_common_ptr info, int level) {
    if (level < 0) fail(info);              // corrupt data; the others tell what is going on
  }
  // A progressive file of many scans without content keeps a decoder busy for hours.
  static void watch(j_common_ptr info) {
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= 500) return;
    std::snprintf(of(info).reason_, sizeof of(info).reason_, "more than 500 scans");
    std::longjmp(of(info).escape_, 1);
  }

  jpeg_decompress_struct info_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf escape_;
  char reason_[JMSG_LENGTH_MAX] = "";
};

}  // namespace jpeg

struct Jpeg {
  static constexpr char const* name = "JPEG";
  static bool recognises(std::string_view file) { return file.starts_with("\xff\xd8\xff"); }

  static Picture read(std::string_view file) {
    jpeg::Decoder decoder;
    if (!decoder.read_header(file)) throw error("a broken JPEG: " + decoder.reason());
    Index const pixels = decoder.height * decoder.width;
    expects(pixels <= most_film_pixels, "it claims to have ", decoder.height, " x ", decoder.width, " pixels; at most ", most_film_pixels,
            " are read");
    // Huffman codes spend at least one bit on each block of 8 x 8 pixels; arithmetic codes of films never less than a quarter.
    expects(pixels / (decoder.huffman ? 512 : 2048) <= static_cast<Index>(file.size()), "a broken JPEG: it claims to have ", decoder.height,
            " x ", decoder.width, " pixels, which ", file.size(), " bytes cannot hold");
    Picture picture;
    picture.bytes = Film(decoder.height, decoder.width, decoder.channels);
    if (!decoder.read_pixels(picture.bytes.pixels.data())) throw error("a broken JPEG: " + decoder.reason());
    return picture;
  }
};

}  // namespace afire
