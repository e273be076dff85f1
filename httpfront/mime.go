package httpfront

import "strings"

// mediaType is the Content-Type of a file, by its name alone: the same on every machine, so the system's mime.types is not
// asked. Text is declared as UTF-8, but HTML is not: it names its own encoding, and a header would override that.
func mediaType(name string) string {
	if _, suffix, ok := cutLast(name, "."); ok {
		if t, ok := mediaTypes[strings.ToLower(suffix)]; ok {
			return t
		}
	}
	return "application/octet-stream"
}

// mediaTypes is IANA's registry as far as web sites use it. JavaScript: RFC 9239; fonts: RFC 8081.
var mediaTypes = map[string]string{
	"css":         "text/css; charset=utf-8",
	"csv":         "text/csv; charset=utf-8",
	"htm":         "text/html",
	"html":        "text/html",
	"ics":         "text/calendar; charset=utf-8",
	"js":          "text/javascript; charset=utf-8",
	"log":         "text/plain; charset=utf-8",
	"md":          "text/markdown; charset=utf-8",
	"mjs":         "text/javascript; charset=utf-8",
	"txt":         "text/plain; charset=utf-8",
	"vcf":         "text/vcard; charset=utf-8",
	"vtt":         "text/vtt; charset=utf-8",
	"xhtml":       "application/xhtml+xml",
	"xml":         "text/xml",
	"xsl":         "text/xml",
	"atom":        "application/atom+xml",
	"rss":         "application/rss+xml",
	"json":        "application/json",
	"jsonld":      "application/ld+json",
	"geojson":     "application/geo+json",
	"map":         "application/json",
	"webmanifest": "application/manifest+json",
	"yaml":        "application/yaml",
	"yml":         "application/yaml",
	"wasm":        "application/wasm",

	"apng": "image/apng",
	"avif": "image/avif",
	"bmp":  "image/bmp",
	"gif":  "image/gif",
	"heic": "image/heic",
	"ico":  "image/x-icon",
	"jpeg": "image/jpeg",
	"jpg":  "image/jpeg",
	"jxl":  "image/jxl",
	"png":  "image/png",
	"svg":  "image/svg+xml",
	"tif":  "image/tiff",
	"tiff": "image/tiff",
	"webp": "image/webp",

	"aac":  "audio/aac",
	"flac": "audio/flac",
	"m4a":  "audio/mp4",
	"mid":  "audio/midi",
	"mp3":  "audio/mpeg",
	"oga":  "audio/ogg",
	"ogg":  "audio/ogg",
	"opus": "audio/ogg",
	"wav":  "audio/wav",
	"weba": "audio/webm",

	"avi":  "video/x-msvideo",
	"m3u8": "application/vnd.apple.mpegurl",
	"m4v":  "video/mp4",
	"mkv":  "video/matroska",
	"mov":  "video/quicktime",
	"mp4":  "video/mp4",
	"mpd":  "application/dash+xml",
	"mpeg": "video/mpeg",
	"mpg":  "video/mpeg",
	"ogv":  "video/ogg",
	"ts":   "video/mp2t",
	"webm": "video/webm",

	"eot":   "application/vnd.ms-fontobject",
	"otf":   "font/otf",
	"ttf":   "font/ttf",
	"woff":  "font/woff",
	"woff2": "font/woff2",

	"7z":   "application/x-7z-compressed",
	"bz2":  "application/x-bzip2",
	"gz":   "application/gzip",
	"tar":  "application/x-tar",
	"tgz":  "application/gzip",
	"xz":   "application/x-xz",
	"zip":  "application/zip",
	"zst":  "application/zstd",
	"doc":  "application/msword",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"epub": "application/epub+zip",
	"odp":  "application/vnd.oasis.opendocument.presentation",
	"ods":  "application/vnd.oasis.opendocument.spreadsheet",
	"odt":  "application/vnd.oasis.opendocument.text",
	"pdf":  "application/pdf",
	"ppt":  "application/vnd.ms-powerpoint",
	"pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"rtf":  "application/rtf",
	"xls":  "application/vnd.ms-excel",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
