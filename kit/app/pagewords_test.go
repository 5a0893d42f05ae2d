package app

import "testing"

func TestTimesAndSizesAreReadable(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0 s", 0.00002: "0.02 ms", 0.000002: "0.002 ms", 0.0042: "4.2 ms", 0.0421: "42 ms",
		0.09949: "99 ms", 0.0999: "0.1 s", 1.23: "1.2 s", 9.8: "10 s", 12.3: "12 s", 123.4: "123 s", 4321: "4321 s"} {
		if got := secondsWords(seconds); got != want {
			t.Errorf("%v seconds are %q, want %q", seconds, got, want)
		}
	}
	for bytes, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KB", 5 << 20: "5.0 MB", 3 << 30: "3.0 GB", 3 << 40: "3072.0 GB"} {
		if got := bytesWords(bytes); got != want {
			t.Errorf("%d bytes are %q, want %q", bytes, got, want)
		}
	}
}
