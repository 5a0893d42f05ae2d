package auth

import "strings"

// browsers and systems are told apart by the first of these in what a browser
// calls itself: each also names those that it is like.
var (
	browsers = [][2]string{{"MicroMessenger/", "WeChat"}, {"DingTalk", "DingTalk"}, {"Edg", "Edge"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}}
	systems = [][2]string{{"HarmonyOS", "HarmonyOS"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"}}
)

// Browser names the session's browser and its system as people do: "Chrome",
// "Windows". A browser that is not known goes by what it calls itself, without
// a system; either may be "".
func (s Session) Browser() (browser, system string) {
	if browser = firstIn(browsers, s.Agent); browser == "" {
		return s.Agent, ""
	}
	return browser, firstIn(systems, s.Agent)
}

func firstIn(list [][2]string, agent string) string {
	for _, one := range list {
		if strings.Contains(agent, one[0]) {
			return one[1]
		}
	}
	return ""
}
