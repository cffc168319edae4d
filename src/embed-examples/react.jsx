// React 19: properties, attributes and events of a custom element are props like any other.
import { useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'verselet/define';

function PoemBox() {
  const tag = useRef(null);
  const [emotion, setEmotion] = useState('joy');
  const [lines, setLines] = useState([]);
  const [told, setTold] = useState('');

  return (
    <>
      <label>
        Emotion{' '}
        <select value={emotion} onChange={(event) => setEmotion(event.target.value)}>
          <option>joy</option>
          <option>sadness</option>
        </select>
      </label>
      <verselet-poem
        ref={tag}
        emotion={emotion}
        form="couplets"
        lines={4}
        seed={7}
        title-text="A Morning"
        onverselet-progress={({ detail }) => setTold(detail.phase)}
        onverselet-line={({ detail }) => setLines((before) => [...before.slice(0, detail.index), detail.text])}
        onverselet-poem={({ detail }) => setTold(`${detail.title}, seed ${detail.seed}, ${detail.emotion}`)}
        onverselet-error={({ detail }) => setTold(`${detail.code}: ${detail.message} ${detail.hint}`)}
      >
        A poem will be here.
      </verselet-poem>
      <button onClick={() => tag.current.compose()}>Write</button>
      <button onClick={() => tag.current.compose({ emotion: 'hapy' })}>Ask for too much</button>
      <p>
        Lines heard: <output>{lines.length}</output>. Last told: <output>{told}</output>
      </p>
    </>
  );
}

createRoot(document.querySelector('#app')).render(<PoemBox />);
