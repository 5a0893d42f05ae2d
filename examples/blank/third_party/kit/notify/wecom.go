package notify

import "context"

// weCom posts markdown to a group robot of WeCom, by the manual "Group robot
// configuration" (developer.work.weixin.qq.com). Its markdown has at most 4096
// bytes. What it takes is answered with errcode 0; a robot takes 20 messages a
// minute, and 45009 says that there were more, -1 that it is busy.
type weCom struct{ *hook }

const maxWeCom = 4096

// Send posts one message.
func (w *weCom) Send(ctx context.Context, m Message) error {
	body := map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": markdown(m.page(), "\n", maxWeCom)}}
	return w.post(ctx, w.url, body, func(raw []byte) error { return w.coded(raw, 45009, -1) })
}
