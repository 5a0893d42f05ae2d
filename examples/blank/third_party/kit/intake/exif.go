package intake

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
)

// orientation is how a camera was held, as noted in a JPEG: 1 (upright) to 8,
// the numbers of the EXIF standard. Whatever is not understood is 1.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xff && data[at+1] != 0xda; {
		n := int(binary.BigEndian.Uint16(data[at+2:]))
		end := at + 2 + n
		if n < 2 || end > len(data) {
			break
		}
		if tiff, ok := bytes.CutPrefix(data[at+4:end], []byte("Exif\x00\x00")); ok && data[at+1] == 0xe1 {
			return tiffOrientation(tiff)
		}
		at = end
	}
	return 1
}

// tiffOrientation looks the tag 0x0112 up in the first directory.
func tiffOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if hasAny(tiff, "II") {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := uint64(order.Uint16(tiff[at:]))
	for i := range entries {
		e := at + 2 + 12*i
		if e+12 > uint64(len(tiff)) {
			break
		}
		if o := int(order.Uint16(tiff[e+8:])); order.Uint16(tiff[e:]) == 0x0112 && o >= 1 && o <= 8 {
			return o
		}
	}
	return 1
}

// turn sets a picture upright and returns it as a gray PNG, which is what the
// reading of text needs, with its new size.
func turn(img image.Image, o int) ([]byte, image.Point, error) {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Pt(w, h)
	if o >= 5 {
		size = image.Pt(h, w)
	}
	out := image.NewGray(image.Rectangle{Max: size})
	for y := range h {
		for x := range w {
			to := turned(o, x, y, w, h)
			out.SetGray(to.X, to.Y, color.GrayModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.Gray))
		}
	}
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	err := enc.Encode(&buf, out)
	return buf.Bytes(), size, err
}

// turned is where a pixel of a picture of w by h goes.
func turned(o, x, y, w, h int) image.Point {
	switch o {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(h-1-y, x)
	case 7:
		return image.Pt(h-1-y, w-1-x)
	case 8:
		return image.Pt(y, w-1-x)
	}
	return image.Pt(x, y)
}
