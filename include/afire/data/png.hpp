// afire/data/png.hpp -- PNG files through libpng: grey, grey + alpha, RGB, RGBA and palette, 1 to 16 bits, interlaced or not
//
//   FilmReader<Png, Jpeg> read;   Film film = read("film.png");        // data/read_film.hpp
//   std::string bytes = encode_png(film);                              // 8-bit grey or RGB
//   write_png("lesion.png", film);
//
// Anything wrong with the data is an error: a bad checksum, an end that is missing, a picture larger than its bytes can unfold to.
// Needs libpng (afire::png).
#pragma once
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>

#include <afire/data/picture.hpp>
#include <afire/io/file.hpp>

namespace afire {

namespace png {

// libpng reports an error by a long jump out of its calls, so these functions hold nothing that wants to be destroyed.
class Session {
 public:
  Session(Session const&) = delete;
  std::string reason() const { return reason_; }

 protected:
  Session() = default;

  [[noreturn]] static void fail(png_structp png, char const* words) {
    auto* const me = static_cast<Session*>(png_get_error_ptr(png));
    std::snprintf(me->reason_, sizeof me->reason_, "%s", words);
    std::longjmp(me->escape_, 1);
  }
  // libpng warns of what it can bridge: a wrong checksum, superfluous data. A film like that is not to be trusted.
  static void warn(png_structp png, char const* words) { fail(png, words); }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf escape_;
  char reason_[256] = "not enough memory";
};

class Decoder : public Session {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, fail, warn);
    if (png_) info_ = png_create_info_struct(png_);
  }
  ~Decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

  // What the picture will be like.
  Index height = 0, width = 0, channels = 0, row_bytes = 0;
  double stored_bits = 0;                   // of all pixels, before compression
  int bits = 8;

  bool read_header() {
    if (!info_ || setjmp(escape_)) return false;
    png_set_read_fn(png_, this, give);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);       // whatever does not concern the pixels
    png_read_info(png_, info_);
    height = static_cast<Index>(png_get_image_height(png_, info_)), width = static_cast<Index>(png_get_image_width(png_, info_));
    int const depth = png_get_bit_depth(png_, info_), colour = png_get_color_type(png_, info_);
    stored_bits = static_cast<double>(depth * png_get_channels(png_, info_)) * static_cast<double>(height) * static_cast<double>(width);
    bits = depth == 16 ? 16 : 8;
    if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (colour == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png_);
    png_set_strip_alpha(png_);
    if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png_);
    png_set_interlace_handling(png_);
    return true;
  }

  bool start_pixels() {
    if (setjmp(escape_)) return false;
    png_read_update_info(png_, info_);
    channels = png_get_channels(png_, info_), row_bytes = static_cast<Index>(png_get_rowbytes(png_, info_));
    return true;
  }

  bool read_pixels(png_bytep* rows) {
    if (setjmp(escape_)) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

 private:
  static void give(png_structp png, png_bytep to, std::size_t bytes) {
    auto* const me = static_cast<Decoder*>(png_get_io_ptr(png));
    if (me->rest_.size() < bytes) png_error(png, "the file was cut short");
    std::memcpy(to, me->rest_.data(), bytes);
    me->rest_.remove_prefix(bytes);
  }

  std::string_view rest_;
};

class Encoder : public Session {
 public:
  Encoder() {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, fail, warn);
    if (png_) info_ = png_create_info_struct(png_);
  }
  ~Encoder() { png_destroy_write_struct(&png_, &info_); }

  std::string bytes;

  bool write(Film const& film) {
    if (!info_ || setjmp(escape_)) return false;
    png_set_write_fn(png_, this, take, nullptr);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(film.width), static_cast<png_uint_32>(film.height), 8,
                 film.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    for (Index y = 0; y < film.height; ++y) png_write_row(png_, film.pixels.data() + y * film.width * film.channels);
    png_write_end(png_, nullptr);
    return true;
  }

 private:
  static void take(png_structp png, png_bytep from, std::size_t count) {
    bool full = false;
    try {
      static_cast<Encoder*>(png_get_io_ptr(png))->bytes.append(reinterpret_cast<char const*>(from), count);
    } catch (...) { full = true; }          // no exception may pass through C
    if (full) png_error(png, "not enough memory");
  }
};

}  // namespace png

struct Png {
  static constexpr char const* name = "PNG";
  static bool recognises(std::string_view file) { return file.starts_with("\x89PNG\r\n\x1a\n"); }

  static Picture read(std::string_view file) {
    png::Decoder decoder(file);
    if (!decoder.read_header()) throw error("a broken PNG: " + decoder.reason());
    Index const pixels = decoder.height * decoder.width;
    expects(pixels <= most_film_pixels, "it claims to have ", decoder.height, " x ", decoder.width, " pixels; at most ", most_film_pixels,
            " are read");
    // Deflate packs at most 1032 bytes into one.
    expects(decoder.stored_bits / 8 <= 1032.0 * static_cast<double>(file.size()), "a broken PNG: it claims to have ", decoder.height, " x ",
            decoder.width, " pixels, which ", file.size(), " bytes cannot hold");
    if (!decoder.start_pixels()) throw error("a broken PNG: " + decoder.reason());
    Picture picture;
    picture.bits = decoder.bits;
    unsigned char* to;
    if (decoder.bits == 8) {
      picture.bytes = Film(decoder.height, decoder.width, decoder.channels);
      to = picture.bytes.pixels.data();
    } else {
      picture.words = Image<std::uint16_t>(decoder.height, decoder.width, decoder.channels);
      to = reinterpret_cast<unsigned char*>(picture.words.pixels.data());
    }
    expects(decoder.row_bytes == decoder.width * decoder.channels * decoder.bits / 8 && (decoder.channels == 1 || decoder.channels == 3),
            "a PNG of a kind that is not read: ", decoder.channels, " channels in rows of ", decoder.row_bytes, " bytes");
    std::vector<png_bytep> rows(static_cast<std::size_t>(decoder.height));
    for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = to + static_cast<Index>(y) * decoder.row_bytes;
    if (!decoder.read_pixels(rows.data())) throw error("a broken PNG: " + decoder.reason());
    return picture;
  }
};

inline std::string encode_png(Film const& film) {
  expects(film.size() > 0 && (film.channels == 1 || film.channels == 3), "cannot write a PNG of ", film.height, " x ", film.width,
          " pixels with ", film.channels, " channels; one or three are possible");
  png::Encoder encoder;
  if (!encoder.write(film)) throw error("cannot make a PNG: " + encoder.reason());
  return std::move(encoder.bytes);
}

inline void write_png(std::string const& path, Film const& film) { replace_file(path, encode_png(film)); }

}  // namespace afire
