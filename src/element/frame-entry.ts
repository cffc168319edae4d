import { listen } from './frame.ts';

listen(window);
