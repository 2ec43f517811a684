// Build {build}. What the page shows is what a person would see: the answer, the events, the socket.
const shown = (id) => document.getElementById(id);
const named = (name) => document.querySelector(`meta[name=${name}]`).content;
document.body.dataset.build = '{build}';

const events = new EventSource('/events');
events.onmessage = () => {
    shown('events').value = Number(shown('events').value) + 1;
};

const socket = new WebSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/ws`);
let said = 0;
socket.onopen = () => setInterval(() => socket.send(`${said += 1}`), 200);
socket.onmessage = (message) => {
    shown('socket').value = message.data;
};
socket.onclose = () => {
    shown('socket').value = 'closed';
};

async function ask(question) {
    const answer = await fetch('/ask', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf-token': named('csrf') },
        body: JSON.stringify({ question }),
    });
    if (!answer.ok) {
        throw new Error(`/ask answers ${answer.status}`);
    }
    shown('answer').value = '';
    const words = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let next = await words.read(); !next.done; next = await words.read()) {
        shown('answer').value += next.value;
    }
}

shown('ask').onsubmit = (event) => {
    event.preventDefault();
    ask(event.target.elements.question.value).catch((error) => console.error(String(error)));
};

// A part of the page that is asked for only when it is needed: by then its viewer may be on the other side.
window.loadLate = () => import(named('late')).then((part) => part.build);
