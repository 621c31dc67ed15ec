import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/components.css';
import './styles/pages.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { startSession } from './session/session.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element #app');
startSession();
render(<App />, root);
