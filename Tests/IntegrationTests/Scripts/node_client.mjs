// Node's http2 module as a client: says what it found, in one line of JSON.
import { readFileSync } from "node:fs";
import { connect } from "node:http2";

const [port, authority] = process.argv.slice(2);
const session = connect(`https://localhost:${port}`, { ca: readFileSync(authority) });
session.on("error", fail);

function fail(error) {
  console.error(error);
  process.exit(1);
}

function request(fields, body) {
  return new Promise((resolve, reject) => {
    const stream = session.request(fields);
    const answer = { interim: [], body: "" };
    stream.setEncoding("utf8");
    stream.on("headers", (head) => answer.interim.push(head[":status"]));
    stream.on("response", (head) => Object.assign(answer, { head, status: head[":status"] }));
    stream.on("trailers", (trailers) => (answer.trailers = trailers["x-sum"]));
    stream.on("data", (text) => (answer.body += text));
    stream.on("error", reject);
    stream.on("close", () => resolve(answer));
    stream.end(body);
  });
}

const settings = await new Promise((resolve) => session.on("remoteSettings", resolve));
const many = await Promise.all(
  Array.from({ length: 100 }, () => request({ ":path": "/length" })));
const posted = await request({ ":path": "/echo", ":method": "POST" }, "hello");
const trailers = await request({ ":path": "/trailers" });
const hints = await request({ ":path": "/hints" });
const head = await request({ ":path": "/length", ":method": "HEAD" });
await new Promise((resolve) => session.ping(resolve));
console.log(JSON.stringify({
  connect: settings.enableConnectProtocol,
  streams: settings.maxConcurrentStreams,
  complete: many.filter((one) => one.status === 200 && one.body === "hello").length,
  posted: posted.body.includes("\r\n5\r\nhello\r\n0\r\n"),
  trailers: trailers.trailers,
  hints: hints.interim,
  head: [head.status, head.head["content-length"], head.body],
}));
session.close();
