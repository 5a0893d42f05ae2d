package doctor

import "golang.org/x/sys/windows"

// free is how many bytes this user may still write to the disk of dir.
func free(dir string) (bytes uint64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	return bytes, windows.GetDiskFreeSpaceEx(name, &bytes, nil, nil)
}
