package doctor

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// folder tries to write where the app is, or is to be.
func folder(_ context.Context, m *machine) Finding {
	dir := m.standing()
	f, err := os.CreateTemp(dir, ".tackhammer-doctor-")
	if err != nil {
		if m.System == "windows" {
			return wrong(`icacls "`+dir+`" /grant "%USERNAME%:(OI)(CI)M"`, "nothing can be written into %s: %s", dir, reason(err))
		}
		return wrong("chmod u+rwx '"+strings.ReplaceAll(dir, "'", `'\''`)+"'", "nothing can be written into %s: %s", dir, reason(err))
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	if dir == m.abs {
		return good("files can be written here")
	}
	return good("%s can be made", m.abs)
}

// reason is an error without the path that it repeats.
func reason(err error) string {
	if p, ok := err.(*os.PathError); ok {
		err = p.Err
	}
	return plain(err.Error())
}

// deepest is the longest path of a generated app's file below its folder, with
// room for a team's own.
const deepest = 120

// paths looks at what Windows refuses unless it is told not to.
func paths(ctx context.Context, m *machine) Finding {
	if m.System != "windows" {
		return good("long ones are fine here")
	}
	const key = `HKLM\SYSTEM\CurrentControlSet\Control\FileSystem`
	out, err := m.run(ctx, "", "reg", "query", key, "/v", "LongPathsEnabled")
	if long := err == nil && strings.HasSuffix(out, "0x1"); !long && len(m.abs)+deepest > 259 {
		return wrong("reg add "+key+" /v LongPathsEnabled /t REG_DWORD /d 1 /f", "the folder's path has %d characters, and Windows takes 259 with the files below", len(m.abs))
	} else if !long {
		return warn("reg add "+key+" /v LongPathsEnabled /t REG_DWORD /d 1 /f", "paths of more than 259 characters are refused: keep the app near to the drive's root")
	}
	if out, err := m.run(ctx, "", "git", "config", "core.longpaths"); err == nil && out != "true" {
		return warn("git config --global core.longpaths true", "git refuses paths of more than 259 characters")
	}
	return good("long ones are allowed")
}

// clock looks at the date and the time zone: receipts and terms lean on both.
func clock(_ context.Context, m *machine) Finding {
	now := time.Now()
	if now.Before(built) {
		set := m.asRoot("timedatectl set-ntp true", "")
		switch m.System {
		case "darwin":
			set = "sudo sntp -sS time.apple.com"
		case "windows":
			set = "w32tm /resync"
		}
		return wrong(set, "the clock says %s, which is past: no certificate will hold", now.Format(time.DateOnly))
	}
	if tz := strings.TrimPrefix(m.Getenv("TZ"), ":"); tz != "" && !filepath.IsAbs(tz) {
		if _, err := time.LoadLocation(tz); err != nil && runtime.GOOS != "windows" {
			return warn("unset TZ", "TZ=%s is no time zone that is known here: times are told in UTC", plain(tz))
		}
	}
	return good("%s", now.Format("2006-01-02 15:04 -07:00"))
}

// built is a day before which this program did not exist.
var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
